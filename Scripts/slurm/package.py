from spack.package import *


class Wattbook(Package):
    """Energy and carbon accounting of programs and batch jobs, from the counters of the machine."""

    homepage = "https://github.com/wattbook/wattbook"
    git = "https://github.com/wattbook/wattbook.git"

    version("main", branch="main")

    variant("spank", default=False, description="The SPANK plugin: srun --energy")
    variant("unet", default=False, description="The reference workload, a U-Net")

    depends_on("sqlite@3.35:")
    depends_on("papi", when="+unet")
    depends_on("onednn", when="+unet")
    depends_on("openblas", when="+unet")
    depends_on("libpng", when="+unet")
    depends_on("slurm", when="+spank")

    def install(self, spec, prefix):
        # Swift comes from the site: swift.org/install, 6.2 or later, on the PATH.
        swift = which("swift", required=True)
        flags = ["build", "-c", "release", "--static-swift-stdlib"]
        for name in ["wattbook"] + (["wattbook-unet"] if spec.satisfies("+unet") else []):
            swift(*flags, "--product", name)
            mkdirp(prefix.bin)
            install(join_path(".build", "release", name), prefix.bin)
        if spec.satisfies("+spank"):
            mkdirp(prefix.lib.slurm)
            cc = Executable(self.compiler.cc)
            include = "-I" + spec["slurm"].prefix.include
            target = join_path(prefix.lib.slurm, "wattbook_spank.so")
            cc("-shared", "-fPIC", "-O2", include, "-o", target, join_path("Scripts", "slurm", "wattbook_spank.c"))
        mkdirp(prefix.share.wattbook)
        install_tree(join_path("Scripts", "slurm"), prefix.share.wattbook)

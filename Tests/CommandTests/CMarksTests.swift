import Foundation
import Testing

/// The C header of the marks, in a program that a C compiler makes.
@Suite struct CMarksTests {
    private static let headers = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Sources/CMarks/include").standardizedFileURL.path

    private static let source = """
        #include "wattbook_marks.h"
        #include <string.h>
        #include <sys/wait.h>
        int main(void) {
            wattbook_count("images", 8);
            wattbook_metric("loss", 0.25);
            { WATTBOOK_REGION("layer name=conv1"); }
            char longer[8000] = "begun huge=";
            memset(longer + 11, 'x', sizeof longer - 12);
            wattbook_begin(longer);
            wattbook_end("begun");
            if (fork() == 0) {
                wattbook_count("child", 1);
                return 0;
            }
            wait(0);
            for (int i = 3; i < 64; i++) close(i);
            for (int i = 0; i < 8; i++) open("file", O_WRONLY | O_APPEND | O_CREAT, 0644);
            wattbook_count("after", 1);
            for (int i = 3; i < 4096; i++) close(i);
            for (int i = 0; i < 8; i++) open("file", O_WRONLY | O_APPEND | O_CREAT, 0644);
            wattbook_count("lost", 1);
            return 0;
        }
        """

    @Test func marksAreBalancedKnowTheirProcessAndLeaveOtherFilesAlone() throws {
        var program = try Program()
        defer { program.clean() }
        try program.write(Self.source, to: "program.c")
        let arguments = ["clang", "-Wall", "-Wextra", "-Werror", "-I", Self.headers, "program.c", "-o", "program"]
        let built = try program.finish(program.start("/usr/bin/env", arguments))
        try #require(built.status == 0, "\(built.errors)")
        try program.write("", to: "marks")
        program.environment = ["WATTBOOK_MARKS": program.path("marks")]
        #expect(try program.finish(program.start(program.path("program"), [])).status == 0)
        let lines = try String(contentsOfFile: program.path("marks"), encoding: .utf8).split(separator: "\n")
            .map { $0.split(separator: " ").map(String.init) }
        #expect(
            lines.map { $0.dropFirst(2).joined(separator: " ") } == [
                "count images=8", "metric loss=0.25", "begin layer name=conv1", "end layer", "begin begun",
                "end begun", "count child=1", "count after=1",
            ]
        )
        #expect(Set(lines.map { $0[1] }).count == 2)
        #expect(try String(contentsOfFile: program.path("file"), encoding: .utf8).isEmpty)
    }

    /// Of all magnitudes, of single precision, of few decimals and of any bits; says which number comes back as another.
    private static let numbers = """
        #include "wattbook_marks.h"
        #include <math.h>
        int main(void) {
            unsigned long long state = 7;
            for (int i = 0; i < 2000000; i++) {
                state = state * 6364136223846793005ULL + 1442695040888963407ULL;
                double fraction = ldexp((double)(state >> 11), -53), value = fraction * pow(10, (int)(state >> 58) - 20);
                if (i % 4 == 1) value = (float)fraction;
                if (i % 4 == 2) value = round(fraction * 1e6) / 1e4;
                if (i % 4 == 3) memcpy(&value, &state, sizeof value);
                if (value - value != 0) continue;
                char text[40];
                const char *written = wattbook_number(i % 8 < 4 ? value : -value, text);
                if (strtod(written, NULL) == (i % 8 < 4 ? value : -value)) continue;
                printf("%s for %.17g\\n", written, value);
                return 1;
            }
            char text[40];
            const double edges[] = {0, 1, -1, 0.5, 1e-4, 9.9999999999999991e-5, 999999999999999.9, 1e15, 1e300, 0.1, 100};
            for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) printf("%s ", wattbook_number(edges[i], text));
            return 0;
        }
        """

    @Test(arguments: [["clang", "-std=gnu11"], ["clang", "-x", "c++", "-std=c++11"]])
    func metricsComeBackAsTheyWere(compiler: [String]) throws {
        let program = try Program()
        defer { program.clean() }
        try program.write(Self.numbers, to: "program.c")
        let flags = ["-O1", "-Wall", "-Wextra", "-pedantic", "-Werror", "-I", Self.headers]
        let arguments = compiler + flags + ["program.c", "-o", "program", "-lm"]
        let built = try program.finish(program.start("/usr/bin/env", arguments))
        try #require(built.status == 0, "\(built.errors)")
        let run = try program.finish(program.start(program.path("program"), []))
        #expect(run.status == 0, "\(run.output)")
        #expect(
            run.output == "0 1 -1 0.5 0.0001 9.9999999999999991e-05 999999999999999.88 1000000000000000 "
                + "1.0000000000000001e+300 0.10000000000000001 100 "
        )
    }
}

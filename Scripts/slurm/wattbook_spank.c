/*
 * wattbook_spank: `srun --energy` measures a step on each of its nodes without a change to the user's script.
 *
 * In C since Slurm loads its plugins as C libraries. On each node slurmstepd starts one `wattbook run`, as root, so that
 * it may read the counters; it measures until a pipe from slurmstepd closes, which the kernel does too when slurmstepd
 * dies. The ledger goes to the site's folder and is given to the job's user, mode 0600. Nothing of the user's
 * environment reaches the program.
 *
 *     plugstack.conf:  optional /usr/lib/slurm/wattbook_spank.so program=/usr/bin/wattbook dir=/var/spool/wattbook
 *                      further: interval=1s, always (measures every step, with or without --energy)
 *     build:           gcc -shared -fPIC -O2 -Wall -o wattbook_spank.so wattbook_spank.c
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <slurm/spank.h>

SPANK_PLUGIN(wattbook, 1)

static int wanted = 0;
static const char *program = "/usr/bin/wattbook", *directory = "/var/spool/wattbook", *interval = "1s";
/* Our ends of two pipes: the meter measures until the first closes, and has ended when the second does. */
static int hold_fd = -1, ended_fd = -1;

static int want(int value, const char *argument, int remote)
{
	(void)value, (void)argument, (void)remote;
	wanted = 1;
	return ESPANK_SUCCESS;
}

static struct spank_option option = {
	"energy", NULL, "Measure the step's energy on each of its nodes (wattbook).", 0, 0, want,
};

int slurm_spank_init(spank_t spank, int count, char **arguments)
{
	for (int i = 0; i < count; i++) {
		if (!strncmp(arguments[i], "program=", 8)) program = arguments[i] + 8;
		else if (!strncmp(arguments[i], "dir=", 4)) directory = arguments[i] + 4;
		else if (!strncmp(arguments[i], "interval=", 9)) interval = arguments[i] + 9;
		else if (!strcmp(arguments[i], "always")) wanted = 1;
		else slurm_error("wattbook: plugstack.conf: there is no option %s", arguments[i]);
	}
	spank_context_t context = spank_context();
	if (context == S_CTX_LOCAL || context == S_CTX_REMOTE || context == S_CTX_ALLOCATOR)
		return spank_option_register(spank, &option);
	return ESPANK_SUCCESS;
}

/* One variable of the few that the meter is told: the job's own are the user's, and root believes none of them. */
static void tell(char ***place, const char *name, const char *value)
{
	if (value && asprintf(*place, "%s=%s", name, value) > 0) (*place)++;
}

static void tell_number(char ***place, const char *name, unsigned long value)
{
	char text[24];
	snprintf(text, sizeof text, "%lu", value);
	tell(place, name, text);
}

/* A list of nodes holds names, digits, brackets, commas, dots and dashes: all else is not Slurm's. */
static const char *checked(const char *list)
{
	return list[strspn(list, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789[],.-_")] ? NULL : list;
}

static void become_meter(char **environment, uid_t user, gid_t group, int hold, int ended)
{
	char owner[48];
	snprintf(owner, sizeof owner, "%u:%u", user, group);
	setsid();
	/* Its end of the second pipe stays open, whatever number it has, until it and its command have ended. */
	dup2(hold, 0);
	dup2(ended, 3);
	int null = open("/dev/null", O_WRONLY);
	dup2(null, 1);
	dup2(null, 2);
	for (int fd = 4; fd < 1024; fd++) close(fd);
	umask(077);
	if (chdir("/") != 0) _exit(127);
	signal(SIGPIPE, SIG_DFL);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	char *command[] = { (char *)program, "run", "--quiet", "--interval", (char *)interval, "--job-dir",
			    (char *)directory, "--owner", owner, "--name", "spank", "--", "cat", NULL };
	execve(program, command, environment);
	_exit(127);
}

/* Once a step and node, as root, with the options known and no task yet. */
int slurm_spank_init_post_opt(spank_t spank, int count, char **arguments)
{
	(void)count, (void)arguments;
	if (!wanted || !spank_remote(spank)) return ESPANK_SUCCESS;
	uint32_t job = 0, step = 0, nodes = 0;
	uid_t user = -1;
	gid_t group = -1;
	if (spank_get_item(spank, S_JOB_ID, &job) || spank_get_item(spank, S_JOB_STEPID, &step) ||
	    spank_get_item(spank, S_JOB_UID, &user) || spank_get_item(spank, S_JOB_GID, &group))
		return ESPANK_SUCCESS;
	spank_get_item(spank, S_JOB_NNODES, &nodes);

	char *environment[16] = { "PATH=/usr/local/bin:/usr/bin:/bin" }, **place = environment + 1, node[256], list[4096];
	const char *name = getenv("SLURMD_NODENAME");
	if (!name && gethostname(node, sizeof node) == 0) name = node;
	tell(&place, "SLURMD_NODENAME", name);
	tell_number(&place, "SLURM_JOB_ID", job);
	/* Not the step's own ledger, which the user may write: that of the site beside it. */
	if (step < 0xfffffff0u) tell_number(&place, "SLURM_STEP_ID", step);
	if (nodes) tell_number(&place, "SLURM_STEP_NUM_NODES", nodes);
	if (spank_getenv(spank, "SLURM_JOB_NODELIST", list, sizeof list) == ESPANK_SUCCESS)
		tell(&place, "SLURM_JOB_NODELIST", checked(list));
	if (spank_getenv(spank, "SLURM_STEP_NODELIST", list, sizeof list) == ESPANK_SUCCESS)
		tell(&place, "SLURM_STEP_NODELIST", checked(list));
	if (spank_getenv(spank, "SLURM_RESTART_COUNT", list, sizeof list) == ESPANK_SUCCESS)
		tell(&place, "SLURM_RESTART_COUNT", checked(list));
	if (spank_getenv(spank, "SLURM_CPUS_ON_NODE", list, sizeof list) == ESPANK_SUCCESS)
		tell(&place, "SLURM_CPUS_ON_NODE", checked(list));
	tell(&place, "SLURM_CLUSTER_NAME", getenv("SLURM_CLUSTER_NAME"));
	*place = NULL;

	int hold[2], ended[2];
	if (pipe2(hold, O_CLOEXEC) != 0) return ESPANK_SUCCESS;
	if (pipe2(ended, O_CLOEXEC) != 0) {
		close(hold[0]), close(hold[1]);
		return ESPANK_SUCCESS;
	}
	pid_t child = fork();
	if (child == 0) {
		/* Twice, so that it is no descendant: slurmstepd waits for those, and kills them. */
		if (fork() != 0) _exit(0);
		close(hold[1]), close(ended[0]);
		become_meter(environment, user, group, hold[0], ended[1]);
	}
	close(hold[0]), close(ended[1]);
	for (char **entry = environment + 1; entry < place; entry++) free(*entry);
	if (child < 0) {
		slurm_error("wattbook: the step is not measured: fork: %s", strerror(errno));
		close(hold[1]), close(ended[0]);
		return ESPANK_SUCCESS;
	}
	waitpid(child, NULL, 0);
	hold_fd = hold[1];
	ended_fd = ended[0];
	return ESPANK_SUCCESS;
}

/* The step is over: the meter ends, and gets ten seconds to bring its ledger to the folder. */
int slurm_spank_exit(spank_t spank, int count, char **arguments)
{
	(void)spank, (void)count, (void)arguments;
	if (hold_fd < 0) return ESPANK_SUCCESS;
	close(hold_fd);
	struct pollfd end = { .fd = ended_fd, .events = POLLIN };
	if (poll(&end, 1, 10000) == 0) slurm_error("wattbook: the meter of this step still writes its ledger");
	close(ended_fd);
	hold_fd = ended_fd = -1;
	return ESPANK_SUCCESS;
}

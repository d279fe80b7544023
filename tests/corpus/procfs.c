// SPDX-License-Identifier: MIT
// The shape of /proc: which files there are, their fields and forms, links, permissions, what a zombie shows. Numbers differ from
// computer to computer and are only checked for sense; lines that this kernel does not print are not asked for.

#include "check.h"

#include <ctype.h>
#include <dirent.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sysinfo.h>

static char text[65536];
static const char *slurp(const char *path) {
  int fd = open(path, O_RDONLY);
  if (fd < 0) return errno_text(errno);
  ssize_t total = 0, got;
  while ((got = read(fd, text + total, sizeof text - 1 - (size_t)total)) > 0) total += got;
  close(fd);
  text[total] = 0;
  return got < 0 ? errno_text(errno) : text;
}
static void has(const char *path, const char *const *keys, size_t count) {
  slurp(path);
  for (size_t i = 0; i < count; i++) {
    char *at = strstr(text, keys[i]);
    say("%s %s %s\n", path, keys[i], at && (at == text || at[-1] == '\n') ? "is there" : "is missing");
  }
}
static int words(const char *line) {
  int count = 0;
  for (; *line && *line != '\n'; line++) count += !isspace(*line) && (isspace(line[1]) || !line[1]);
  return count;
}
static const char *value(const char *key) {
  static char line[256];
  char *at = strstr(text, key);
  if (!at) return "missing";
  at += strlen(key);
  snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n"), at);
  return line;
}
/** A line with numbers as 9 and blanks as one. */
static void shape(const char *what, const char *line) {
  char out[300];
  size_t length = 0;
  for (; *line && *line != '\n' && length < sizeof out - 1; line++)
    if (isspace(*line) && length && isspace(out[length - 1])) continue;
    else if (!isdigit(*line)) out[length++] = *line;
    else if (!length || out[length - 1] != '9') out[length++] = '9';
  out[length] = 0;
  say("%s: %s\n", what, out);
}

static void whole_system(void) {
  shape("uptime", slurp("/proc/uptime"));
  shape("loadavg", slurp("/proc/loadavg"));
  slurp("/proc/version"), say("version %d words, Linux version %d\n", words(text) > 3, !strncmp(text, "Linux version ", 14));
  shape("overcommit", slurp("/proc/sys/vm/overcommit_memory"));
  shape("pid_max", slurp("/proc/sys/kernel/pid_max"));
  shape("ngroups_max", slurp("/proc/sys/kernel/ngroups_max"));
  slurp("/proc/sys/kernel/ostype"), SHOW_TEXT(text);
  const char *memory[] = {"MemTotal:", "MemFree:", "MemAvailable:", "Buffers:", "Cached:", "SwapTotal:", "SwapFree:", "Shmem:", "SReclaimable:"};
  has("/proc/meminfo", memory, COUNT(memory));
  shape("MemTotal", strstr(text, "MemTotal:"));
  struct sysinfo info;
  sysinfo(&info);
  SHOW(strtoull(strstr(text, "MemTotal:") + 9, 0, 10) * 1024 == info.totalram * info.mem_unit);
  const char *totals[] = {"cpu ", "cpu0 ", "intr ", "ctxt ", "btime ", "processes ", "procs_running ", "procs_blocked ", "softirq "};
  has("/proc/stat", totals, COUNT(totals));
  SHOW(words(text));
  SHOW(words(strstr(text, "cpu0 ")));
  const char *processor[] = {"processor"};
  has("/proc/cpuinfo", processor, COUNT(processor));
  SHOW(strstr(slurp("/proc/filesystems"), "nodev\tproc\n") != 0);
  SHOW(strstr(slurp("/proc/filesystems"), "ramfs\n") != 0);
  SHOW(strstr(slurp("/proc/mounts"), " /proc proc ") != 0);
  SHOW(words(text));
  SHOW(access("/proc/self/mounts", R_OK));
  char link[300];
  ssize_t length = readlink("/proc/mounts", link, sizeof link - 1);
  link[length < 0 ? 0 : length] = 0;
  SHOW_TEXT(link);
  SHOW(open("/proc/version", O_WRONLY) < 0 || geteuid() == 0);
  SHOW(open("/proc/new", O_CREAT | O_WRONLY, 0600));
  SHOW(mkdir("/proc/new", 0700));
  SHOW(unlink("/proc/version"));
  SHOW(open("/proc/0", O_RDONLY));
  SHOW(open("/proc/01", O_RDONLY));
  SHOW(open("/proc/999999", O_RDONLY));
  struct stat about;
  SHOW(stat("/proc", &about)), say("%o\n", about.st_mode);
  SHOW(stat("/proc/self/stat", &about)), say("%o size %ld\n", about.st_mode, (long)about.st_size);
}

static void own(void) {
  prctl(PR_SET_NAME, "a (b) c");
  slurp("/proc/self/stat");
  char *after = strrchr(text, ')');
  SHOW(words(after + 1));
  int pid, ppid, group, session, tty;
  char state, name[40];
  SHOW(sscanf(text, "%d (%39[^\n]", &pid, name));
  SHOW(strstr(name, "a (b) c) R ") == name);
  SHOW(sscanf(after + 1, " %c %d %d %d %d", &state, &ppid, &group, &session, &tty));
  SHOW(pid == getpid()), SHOW(ppid == getppid()), SHOW(group == getpgrp()), SHOW(session == getsid(0));
  slurp("/proc/self/comm"), SHOW_TEXT(text);
  slurp("/proc/self/statm"), SHOW(words(text));
  const char *status[] = {"Name:", "Umask:", "State:", "Tgid:", "Ngid:", "Pid:", "PPid:", "TracerPid:", "Uid:", "Gid:", "FDSize:", "Groups:", "VmPeak:", "VmSize:",
                          "VmRSS:", "VmData:", "VmStk:", "VmExe:", "Threads:", "SigQ:", "SigPnd:", "ShdPnd:", "SigBlk:", "SigIgn:", "SigCgt:", "CapInh:", "CapPrm:",
                          "CapEff:", "CapBnd:", "CapAmb:", "NoNewPrivs:", "Seccomp:", "Cpus_allowed:", "Cpus_allowed_list:", "voluntary_ctxt_switches:",
                          "nonvoluntary_ctxt_switches:"};
  umask(027);
  sigset_t set;
  sigemptyset(&set), sigaddset(&set, SIGUSR1), sigaddset(&set, 40);
  sigprocmask(SIG_BLOCK, &set, 0);
  raise(SIGUSR1);
  signal(SIGUSR2, SIG_IGN);
  has("/proc/self/status", status, COUNT(status));
  SHOW_TEXT(value("Name:")), SHOW_TEXT(value("Umask:")), SHOW_TEXT(value("State:")), SHOW_TEXT(value("SigPnd:")), SHOW_TEXT(value("SigBlk:")), SHOW_TEXT(value("Threads:"));
  SHOW(strtoul(value("SigIgn:"), 0, 16) >> (SIGUSR2 - 1) & 1);
  shape("Uid", value("Uid:")), shape("VmSize", value("VmSize:")), shape("SigQ", value("SigQ:"));
  umask(022);
  slurp("/proc/self/cgroup"), SHOW(!strncmp(text, "0::/", 4) || isdigit(text[0]));
  const char *limits[] = {"Limit ", "Max cpu time ", "Max open files ", "Max pending signals "};
  has("/proc/self/limits", limits, COUNT(limits));
  SHOW(strcspn(text, "\n"));
  int fd = open("/proc/self/comm", O_WRONLY);
  SHOW(write(fd, "renamed", 7));
  slurp("/proc/self/comm"), SHOW_TEXT(text);
  close(fd);
  SHOW(words(slurp("/proc/self/mountinfo")) >= 10);
  SHOW(strstr(text, " - ") != 0);
  const char *io[] = {"/proc/self/environ", "/proc/self/cmdline", "/proc/self/auxv", "/proc/self/maps", "/proc/self/smaps_rollup", "/proc/self/oom_score_adj",
                      "/proc/self/wchan", "/proc/self/loginuid", "/proc/thread-self/stat"};
  for (size_t i = 0; i < 4; i++) SHOW(open(io[i], O_RDONLY) >= 0);
  SHOW(open(io[5], O_RDONLY) >= 0), SHOW(open(io[8], O_RDONLY) >= 0);
}

static void links(void) {
  char path[300], target[300];
  struct stat about;
  const char *names[] = {"exe", "cwd", "root"};
  for (size_t i = 0; i < COUNT(names); i++) {
    sprintf(path, "/proc/self/%s", names[i]);
    lstat(path, &about);
    say("%s %o size %ld\n", names[i], about.st_mode, (long)about.st_size);
  }
  ssize_t length = readlink("/proc/self/root", target, sizeof target);
  say("%.*s\n", (int)length, target);
  char here[300];
  length = readlink("/proc/self/cwd", target, sizeof target - 1), target[length] = 0;
  SHOW(!strcmp(target, getcwd(here, sizeof here)));
  int fd = open("f", O_CREAT | O_RDWR, 0600), pipes[2];
  sprintf(path, "/proc/self/fd/%d", fd);
  unlink("f");
  length = readlink(path, target, sizeof target - 1), target[length] = 0;
  SHOW(strstr(target, "/f (deleted)") != 0);
  lstat(path, &about), say("%o size %ld\n", about.st_mode, (long)about.st_size);
  close(fd);
  SHOW(readlink(path, target, sizeof target));
  fd = open(".", O_RDONLY), lstat(path, &about), say("%o\n", about.st_mode), close(fd);
  pipe(pipes);
  sprintf(path, "/proc/self/fd/%d", pipes[0]);
  length = readlink(path, target, sizeof target - 1), target[length] = 0;
  shape("pipe", target);
  int again = open(path, O_WRONLY | O_NONBLOCK); // the other end through its name
  SHOW(write(again, "x", 1)), SHOW(read(pipes[0], target, 5));
  sprintf(path, "/proc/self/fdinfo/%d", pipes[0]);
  slurp(path), shape("pos", text), SHOW_TEXT(value("flags:"));
  SHOW(open("/proc/self/fd/77", O_RDONLY)), SHOW(open("/proc/self/fd/x", O_RDONLY)), SHOW(open("/proc/self/fdinfo/77", O_RDONLY));
  SHOW(unlink(path)), SHOW(rmdir("/proc/self/fd"));
  SHOW(stat("/proc/self/task", &about)), say("links %d\n", (int)about.st_nlink);
  sprintf(path, "/proc/self/task/%d/comm", getpid());
  SHOW(access(path, R_OK));
  SHOW(access("/proc/self/task/1000000/comm", R_OK));
}

static void mappings(void) {
  char *anonymous = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *shared = mmap(0, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int fd = open("mapped", O_CREAT | O_RDWR, 0600);
  ftruncate(fd, 8192);
  char *file = mmap(0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 4096);
  mprotect(anonymous + 4096, 4096, PROT_NONE);
  slurp("/proc/self/maps");
  char *wanted[] = {anonymous + 4096, shared, file};
  for (size_t i = 0; i < COUNT(wanted); i++) {
    char key[40];
    sprintf(key, "%lx-%lx ", (long)wanted[i], (long)wanted[i] + 4096);
    char *line = strstr(text, key);
    if (!line) { say("%d is missing\n", (int)i); slurp("/proc/self/maps"); continue; }
    line[strcspn(line, "\n")] = 0;
    char rights[8], name[300] = "";
    unsigned long offset, ino;
    unsigned major, minor;
    int fields = sscanf(line + strlen(key), "%7s %lx %x:%x %lu %299[^\n]", rights, &offset, &major, &minor, &ino, name);
    say("%s offset %lx inode %d fields %d name %s\n", rights, offset, ino != 0, fields, strrchr(name, '/') ? strrchr(name, '/') : name);
    slurp("/proc/self/maps");
  }
  SHOW(strstr(text, "[stack]\n") != 0);
}

static void others(void) {
  pid_t zombie = fork();
  if (zombie == 0) _exit(0);
  siginfo_t info;
  waitid(P_PID, (id_t)zombie, &info, WEXITED | WNOWAIT);
  char path[64];
  struct stat about;
  sprintf(path, "/proc/%d/stat", zombie), slurp(path);
  SHOW(strstr(text, ") Z ") != 0);
  sprintf(path, "/proc/%d/status", zombie), slurp(path);
  SHOW_TEXT(value("State:")), SHOW_TEXT(value("VmSize:"));
  sprintf(path, "/proc/%d/cmdline", zombie), SHOW_TEXT(slurp(path));
  sprintf(path, "/proc/%d/maps", zombie), SHOW_TEXT(slurp(path));
  sprintf(path, "/proc/%d/exe", zombie), SHOW(readlink(path, text, 100));
  sprintf(path, "/proc/%d/cwd", zombie), SHOW(readlink(path, text, 100));
  sprintf(path, "/proc/%d/fd", zombie);
  DIR *dir = opendir(path);
  int entries = 0;
  while (dir && readdir(dir)) entries++;
  SHOW(entries);
  sprintf(path, "/proc/%d", zombie);
  reap("zombie", zombie);
  SHOW(stat(path, &about));
  pid_t sleeper = fork();
  if (sleeper == 0) {
    pause();
    _exit(0);
  }
  usleep(20000);
  sprintf(path, "/proc/%d/stat", sleeper), slurp(path);
  SHOW(strstr(text, ") S ") != 0);
  kill(sleeper, SIGSTOP);
  waitpid(sleeper, 0, WUNTRACED);
  slurp(path), SHOW(strstr(text, ") T ") != 0);
  sprintf(path, "/proc/%d/status", sleeper), slurp(path), SHOW_TEXT(value("State:"));
  sprintf(path, "/proc/%d/exe", sleeper);
  SHOW(readlink(path, text, sizeof text) > 0);
  kill(sleeper, SIGKILL);
  reap("sleeper", sleeper);
}

int main(void) {
  enter_scratch_directory();
  whole_system();
  own();
  links();
  mappings();
  others();
  return 0;
}

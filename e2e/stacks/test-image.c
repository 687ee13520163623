// The one program of the tests' container image: a web server that tells its version, and what else a test has to do
// inside an image without a shell. Linked statically, so that the image needs nothing besides.
//   server                    serves / (text of /version.txt), /env and /args on $PORT (8080); a request is a log line
//   server true               ends well
//   server exit N             ends with that code
//   server copy FILE          writes itself there
//   server get ADDRESS PORT   prints the answer to GET /
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

extern char **environ;

static void pass_on(int from, int to) {
  char block[65536];
  ssize_t got;
  while ((got = read(from, block, sizeof block)) > 0)
    if (write(to, block, got) != got) exit(1);
}

static void end(int signal) {
  (void)signal;
  _exit(0);
}

static void send_lines(int to, char **lines) {
  for (; *lines; lines++) dprintf(to, "%s\n", *lines);
}

static void answer(int client, char **arguments) {
  char request[4096] = "", path[1024] = "/";
  ssize_t got = read(client, request, sizeof request - 1);
  if (got <= 0) return;
  sscanf(request, "%*s %1023s", path);
  printf("%.*s\n", (int)strcspn(request, "\r\n"), request);
  dprintf(client, "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n");
  if (strcmp(path, "/env") == 0) send_lines(client, environ);
  else if (strcmp(path, "/args") == 0) send_lines(client, arguments);
  else {
    int file = open("/version.txt", O_RDONLY);
    pass_on(file, client);
    close(file);
  }
}

static int serve(char **arguments) {
  const char *port = getenv("PORT");
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port ? atoi(port) : 8080)};
  int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 64)) {
    perror("listen");
    return 1;
  }
  printf("listening on %d\n", ntohs(at.sin_port));
  for (;;) {
    int client = accept(listener, NULL, NULL);
    if (client < 0) continue;
    answer(client, arguments);
    shutdown(client, SHUT_WR);
    close(client);
  }
}

static int get(const char *address, const char *port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
  int server = socket(AF_INET, SOCK_STREAM, 0);
  if (inet_pton(AF_INET, address, &to.sin_addr) != 1 || connect(server, (struct sockaddr *)&to, sizeof to)) {
    perror(address);
    return 1;
  }
  dprintf(server, "GET / HTTP/1.0\r\n\r\n");
  pass_on(server, STDOUT_FILENO);
  return 0;
}

static int copy(const char *to) {
  int from = open("/proc/self/exe", O_RDONLY), file = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755);
  if (from < 0 || file < 0) {
    perror(to);
    return 1;
  }
  pass_on(from, file);
  return close(file) ? 1 : 0;
}

int main(int count, char **arguments) {
  // The first process of a container ignores signals that it has no handler for.
  signal(SIGTERM, end);
  signal(SIGINT, end);
  signal(SIGPIPE, SIG_IGN);
  setvbuf(stdout, NULL, _IOLBF, 0);
  const char *command = count > 1 ? arguments[1] : "";
  if (strcmp(command, "true") == 0) return 0;
  if (strcmp(command, "exit") == 0 && count > 2) return atoi(arguments[2]);
  if (strcmp(command, "copy") == 0 && count > 2) return copy(arguments[2]);
  if (strcmp(command, "get") == 0 && count > 3) return get(arguments[2], arguments[3]);
  return serve(arguments);
}

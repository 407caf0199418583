package dbtest

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"sync"
	"syscall"
	"time"
)

var (
	serverOnce sync.Once
	serverURL  string
	errServer  error
)

// temp is where temporary files lay when the test binary began: a test that opens an app moves TMPDIR into a folder that
// only the test's own user may enter, and PostgreSQL runs as another.
var temp = os.TempDir()

// start gives the address of a PostgreSQL server with "DATABASE" in place of the name: the one that
// KINDRED_TEST_POSTGRES names, or one of our own that lives as long as the test binary. It listens on a socket in a
// temporary folder only, and does not sync to disk.
func start() (string, error) {
	serverOnce.Do(func() {
		if u := os.Getenv("KINDRED_TEST_POSTGRES"); u != "" {
			serverURL = u
			return
		}
		serverURL, errServer = launch()
	})
	return serverURL, errServer
}

func launch() (string, error) {
	bin, err := binaries()
	if err != nil {
		return "", err
	}
	sweep()
	dir, err := os.MkdirTemp(temp, "kindred-pg-")
	if err != nil {
		return "", err
	}
	who, err := unprivileged(dir)
	if err != nil {
		return "", err
	}
	data := filepath.Join(dir, "data")
	run := func(name string, args ...string) *exec.Cmd {
		c := exec.Command(filepath.Join(bin, name), args...)
		c.Dir = dir
		c.SysProcAttr = &syscall.SysProcAttr{Credential: who, Pdeathsig: syscall.SIGQUIT}
		return c
	}
	if out, err := run("initdb", "--no-sync", "--auth=trust", "--username=kindred", "--encoding=UTF8", "--locale=C", "-D", data).CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb: %w: %s", err, out)
	}
	server := run("postgres", "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=200", "-c", "shared_buffers=64MB")
	var log bytes.Buffer
	server.Stdout, server.Stderr = &log, &log
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // the server gets its signal when the thread that started it ends
		err := server.Start()
		started <- err
		if err == nil {
			_ = server.Wait()
		}
		select {}
	}()
	if err := <-started; err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "owner"), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		return "", err
	}
	url := "postgres://kindred@/DATABASE?host=" + dir + "&sslmode=disable"
	return url, answers("postgres://kindred@/postgres?host="+dir+"&sslmode=disable", &log)
}

func answers(url string, log *bytes.Buffer) error {
	d, err := sql.Open("pgx", url)
	if err != nil {
		return err
	}
	defer d.Close()
	deadline := time.Now().Add(30 * time.Second)
	for err = d.Ping(); err != nil && time.Now().Before(deadline); err = d.Ping() {
		time.Sleep(20 * time.Millisecond) // waits for another program, with a limit
	}
	if err != nil {
		return fmt.Errorf("postgres did not start: %w: %s", err, log.String())
	}
	return nil
}

// sweep removes the folders of servers whose test binary is gone.
func sweep() {
	dirs, _ := filepath.Glob(filepath.Join(temp, "kindred-pg-*"))
	for _, dir := range dirs {
		b, err := os.ReadFile(filepath.Join(dir, "owner"))
		if err != nil {
			continue
		}
		pid, err := strconv.Atoi(string(b))
		if err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			_ = os.RemoveAll(dir)
		}
	}
}

// binaries finds the newest PostgreSQL on this machine.
func binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	sort.Slice(found, func(i, j int) bool { return version(found[i]) > version(found[j]) })
	if path, err := exec.LookPath("pg_config"); err == nil {
		if out, err := exec.Command(path, "--bindir").Output(); err == nil {
			found = append(found, string(bytes.TrimSpace(out)))
		}
	}
	for _, dir := range found {
		if _, err := os.Stat(filepath.Join(dir, "initdb")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("initdb was not found")
}

func version(bin string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	return n
}

// unprivileged gives the folder to a user that PostgreSQL agrees to run as: itself refuses root.
func unprivileged(dir string) (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.Atoi(u.Uid)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.Atoi(u.Gid)
		if err != nil {
			return nil, err
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(dir, uid, gid)
	}
	return nil, errors.New("no user to run PostgreSQL as")
}

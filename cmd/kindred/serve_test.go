package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestServe starts the server as a person would, asks it, runs commands beside it and interrupts it.
func TestServe(t *testing.T) {
	onBoth(t, func(p *program) {
		ctx, stop := context.WithCancel(p.Context())
		read, write := io.Pipe()
		var log bytes.Buffer
		status := make(chan int, 1)
		go func() {
			status <- run(ctx, []string{"serve", "--addr", "127.0.0.1:0"}, streams{strings.NewReader(""), write, &log}, p.environ)
			write.Close()
		}()
		lines := bufio.NewScanner(read)
		if !lines.Scan() {
			p.Fatalf("serve ended with %d: %s", <-status, log.String())
		}
		go io.Copy(io.Discard, read) //nolint:errcheck // what else it prints
		address := lines.Text()
		for _, path := range []string{"/healthz", "/readyz"} {
			answer, err := http.Get(address + path)
			if err != nil {
				p.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				p.Errorf("%s: %s", path, answer.Status)
			}
		}
		p.want(yes, "user", "add", "okoye", "--role", "researcher")
		p.want(yes, "audit", "verify")
		stop()
		if got := <-status; got != yes {
			p.Errorf("serve ended with %d: %s", got, log.String())
		}
		for line := range strings.Lines(log.String()) {
			if !json.Valid([]byte(line)) {
				p.Errorf("not a JSON line: %q", line)
			}
		}
	})
}

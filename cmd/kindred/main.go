// Command kindred is the registry: server, workers and the tools of whoever runs it.
//
// Results go to stdout, progress and logs to stderr. The exit status is 0 for yes, 1 for no (invalid, refused, not
// proven) and 2 for input or arguments that cannot be used, and for what went wrong on our side.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}, os.Environ())
	stop()
	os.Exit(status)
}

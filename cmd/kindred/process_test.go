package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// workshop is where the program is built; it is made before any test points the temporary folder elsewhere.
var workshop string

// executable builds the program once, as a person would, and gives its path.
var executable = sync.OnceValues(func() (string, error) {
	path := filepath.Join(workshop, "kindred")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "kindred-binary-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	workshop = dir
	status := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(status)
}

// process is a server in a process of its own, which may be killed and started again on the same data.
type process struct {
	*testing.T
	program *program
	data    string
	address string
	command *exec.Cmd
	output  output // what every run wrote
	client  *http.Client
}

// output collects what a process writes on stdout and stderr.
type output struct {
	sync.Mutex
	bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.Lock()
	defer o.Unlock()
	return o.Buffer.Write(b)
}

func (o *output) text() string {
	o.Lock()
	defer o.Unlock()
	return o.String()
}

func newProcess(t *testing.T) *process {
	t.Helper()
	p := &process{T: t, program: newProgram(t)}
	p.data = strings.TrimPrefix(p.program.environ[len(p.program.environ)-1], "KINDRED_DATA=")
	p.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: time.Minute}
	t.Cleanup(func() {
		p.client.CloseIdleConnections()
		p.kill()
	})
	return p
}

// start runs the server until it says where it is.
func (p *process) start() {
	p.Helper()
	path, err := executable()
	if err != nil {
		p.Fatal(err)
	}
	p.command = exec.Command(path, "serve", "--addr", "127.0.0.1:0", "--data", p.data)
	p.command.Env = append(os.Environ(), "TMPDIR="+p.TempDir())
	p.command.Stderr = &p.output
	out, err := p.command.StdoutPipe()
	if err != nil {
		p.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		p.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		p.kill()
		p.Fatalf("the server did not start: %s", p.output.text())
	}
	p.address = lines.Text()
	go io.Copy(&p.output, out) //nolint:errcheck // ends with the process
}

// kill ends the process as a power cut would, and waits until it is gone.
func (p *process) kill() {
	if p.command == nil || p.command.Process == nil {
		return
	}
	_ = p.command.Process.Kill()
	_ = p.command.Wait() // that it was killed is no news
	p.command = nil
}

// stop asks the server to end, and waits until it has.
func (p *process) stop() {
	p.Helper()
	if p.command == nil {
		return
	}
	if err := p.command.Process.Signal(os.Interrupt); err != nil {
		p.Fatal(err)
	}
	if err := p.command.Wait(); err != nil {
		p.Errorf("the server ended with %v", err)
	}
	p.command = nil
}

// reply is what came back.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// call sends a request with a token; an error means that no whole answer came.
func (p *process) call(token, method, path string, body any, headers ...string) (reply, error) {
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case []byte:
		in = bytes.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			return reply{}, err
		}
		in = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(p.Context(), method, p.address+path, in)
	if err != nil {
		return reply{}, err
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := p.client.Do(r)
	if err != nil {
		return reply{}, err
	}
	got, err := io.ReadAll(answer.Body)
	return reply{answer.StatusCode, answer.Header, got}, errors.Join(err, answer.Body.Close())
}

// want is a call that must be answered with a status; into, where given, is filled from the JSON of the answer.
func (p *process) want(status int, token, method, path string, body, into any, headers ...string) reply {
	p.Helper()
	r, err := p.call(token, method, path, body, headers...)
	if err != nil {
		p.Fatal(err)
	}
	if r.status != status {
		p.Fatalf("%s %s: %d, want %d: %.1500s", method, path, r.status, status, r.body)
	}
	if into != nil {
		if err := json.Unmarshal(r.body, into); err != nil {
			p.Fatal(err)
		}
	}
	return r
}

const passphrase = "a long walk with four oranges"

// account sets somebody up from the command line, beside the server, and gives a token.
func (p *process) account(name, role string) string {
	p.Helper()
	p.program.want(yes, "user", "add", name, "--role", role, "--password-file", p.program.write(passphrase+"\n"))
	return strings.TrimSpace(p.program.want(yes, "token", "create", "--user", name))
}

type made struct{ ID string }

// enrolled enrols a child and consents to everything that a study may ask.
func (p *process) enrolled(token, name, birth, signer string) (participant string) {
	p.Helper()
	var child made
	p.want(201, token, "POST", "/api/v1/participants", map[string]any{
		"relation": "parent", "name": name, "birth_date": birth, "sex": "female", "country": "ES",
		"diagnoses": []map[string]any{{"code": "ORPHA:98896", "status": "confirmed"}},
		"symptoms":  []map[string]any{{"term": "HP:0001324", "presence": "present"}},
	}, &child)
	var doc struct {
		Version int
		SHA256  string
	}
	p.want(200, "", "GET", "/api/v1/consent/documents/current?lang=es", nil, &doc)
	p.want(201, token, "POST", "/api/v1/participants/"+child.ID+"/consent/signatures", map[string]any{
		"version": doc.Version, "language": "es", "sha256": doc.SHA256, "name": signer, "password": passphrase,
		"choices": map[string]bool{"registry": true, "questionnaires": true, "research": true, "outside_eu": true},
	}, nil)
	return child.ID
}

// published publishes a questionnaire as Aisha, and gives its id.
func (p *process) published(aisha, form string) string {
	p.Helper()
	var v struct {
		Version struct{ Questionnaire string }
	}
	p.want(201, aisha, "POST", "/api/v1/questionnaires", []byte(form), &v)
	return v.Version.Questionnaire
}

// draft begins a response.
func (p *process) draft(token, participant, questionnaire string) string {
	p.Helper()
	var r made
	p.want(201, token, "POST", "/api/v1/participants/"+participant+"/responses", map[string]string{"questionnaire": questionnaire}, &r)
	return r.ID
}

// until asks again, a little later each time, until it is so.
func (p *process) until(what string, so func() bool) {
	p.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for !so() {
		if time.Now().After(deadline) {
			p.Fatalf("%s: not within two minutes\n%s", what, p.output.text())
		}
		time.Sleep(2 * time.Millisecond) // another process is at it
	}
}

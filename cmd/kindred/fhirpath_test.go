package main

import (
	"strings"
	"testing"
)

func TestFHIRPath(t *testing.T) {
	p := newProgram(t)
	status, out, _ := p.run(`{"id":1,"resource":{"resourceType":"Patient","name":[{"given":["Maria"]}]},"expression":"name.given | %x","variables":{"x":1.50}}`+"\nnonsense\n", "fhirpath")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if status != yes || len(lines) != 2 || lines[0] != `{"id":1,"result":["Maria",1.50]}` || !strings.HasPrefix(lines[1], `{"id":null,"error":`) {
		t.Errorf("exit %d: %s", status, out)
	}
	if status, _, _ := p.run("", "fhirpath", "extra"); status != unusable {
		t.Errorf("exit %d", status)
	}
}

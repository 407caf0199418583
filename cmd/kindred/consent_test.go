package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestConsentPublish(t *testing.T) {
	p := newProgram(t)
	second := func(language string) string {
		b, err := os.ReadFile(filepath.Join("..", "..", "schemas", "consent", "kindred-1."+language+".md"))
		if err != nil {
			t.Fatal(err)
		}
		return p.write(strings.Replace(string(b), "Version: 1\n", "Version: 2\n", 1))
	}
	english, spanish := second("en"), second("es")
	p.want(unusable, "consent", "publish", english) // a version speaks every language
	if out := p.want(yes, "consent", "publish", english, spanish); out != "kindred 2\n" {
		t.Fatal(out)
	}
	p.want(yes, "consent", "publish", english, spanish) // the same bytes again
	p.want(unusable, "consent", "publish", p.write("no document"))
	p.want(unusable, "consent", "publish")
	p.want(unusable, "consent", "publish", "/nowhere")
}

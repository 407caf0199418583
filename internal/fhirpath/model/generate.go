//go:build ignore

// Command generate writes r4.txt, the table of element names and types of FHIR R4, from the descriptors of google/fhir.
// It is run by hand when the table must be made again: go run internal/fhirpath/model/generate.go > internal/fhirpath/model/r4.txt
package main

import (
	"bufio"
	"fmt"
	"os"
	"sort"
	"strings"

	apb "github.com/google/fhir/go/proto/google/fhir/proto/annotations_go_proto"
	bpb "github.com/google/fhir/go/proto/google/fhir/proto/r4/core/resources/bundle_and_contained_resource_go_proto"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

var (
	seen  = map[string]bool{}
	lines []string
)

func main() {
	fields := (&bpb.ContainedResource{}).ProtoReflect().Descriptor().Fields()
	for i := 0; i < fields.Len(); i++ {
		structure(fields.Get(i).Message())
	}
	sort.Strings(lines)
	w := bufio.NewWriter(os.Stdout)
	defer w.Flush()
	for _, l := range lines {
		fmt.Fprintln(w, l)
	}
}

func kind(d protoreflect.MessageDescriptor) apb.StructureDefinitionKindValue {
	k, _ := proto.GetExtension(d.Options(), apb.E_StructureDefinitionKind).(apb.StructureDefinitionKindValue)
	return k
}

func choice(d protoreflect.MessageDescriptor) bool {
	b, _ := proto.GetExtension(d.Options(), apb.E_IsChoiceType).(bool)
	return b
}

// typeName is the FHIR name: nested messages become Patient.contact, bound codes become code.
func typeName(d protoreflect.MessageDescriptor) string {
	if kind(d) == apb.StructureDefinitionKindValue_KIND_PRIMITIVE_TYPE {
		if _, nested := d.Parent().(protoreflect.MessageDescriptor); nested {
			return "code"
		}
		n := string(d.Name())
		if n == "Xhtml" {
			return "xhtml"
		}
		return strings.ToLower(n[:1]) + n[1:]
	}
	if up, nested := d.Parent().(protoreflect.MessageDescriptor); nested && !choice(d) {
		n := string(d.Name())
		return typeName(up) + "." + strings.ToLower(n[:1]) + n[1:]
	}
	if d.Name() == "SimpleQuantity" { // a profile, not a type
		return "Quantity"
	}
	return string(d.Name())
}

// inherited are the members every type has from its base; they are not repeated on each line.
var inherited = map[string]string{
	"Resource":        " id meta implicitRules language ",
	"DomainResource":  " id meta implicitRules language text contained extension modifierExtension ",
	"Element":         " id extension ",
	"BackboneElement": " id extension modifierExtension ",
}

func base(d protoreflect.MessageDescriptor, name string) string {
	has := map[string]bool{}
	for i := 0; i < d.Fields().Len(); i++ {
		has[d.Fields().Get(i).JSONName()] = true
	}
	switch {
	case kind(d) == apb.StructureDefinitionKindValue_KIND_RESOURCE && has["contained"]:
		return "DomainResource"
	case kind(d) == apb.StructureDefinitionKindValue_KIND_RESOURCE:
		return "Resource"
	case has["modifierExtension"]:
		return "BackboneElement"
	}
	return "Element"
}

func structure(d protoreflect.MessageDescriptor) {
	name := typeName(d)
	if seen[name] || d.FullName() == "google.protobuf.Any" {
		return
	}
	seen[name] = true
	if kind(d) == apb.StructureDefinitionKindValue_KIND_PRIMITIVE_TYPE {
		return
	}
	if name == "Reference" { // its target is spread over many fields there
		lines = append(lines, "Reference<Element reference:string type:uri identifier:Identifier display:string")
		structure(d.Fields().ByName("identifier").Message())
		return
	}
	base := base(d, name)
	var sb strings.Builder
	var members []string
	fields := d.Fields()
	for i := 0; i < fields.Len(); i++ {
		f := fields.Get(i)
		m := f.Message()
		if m == nil {
			continue
		}
		jn := f.JSONName()
		if strings.Contains(inherited[base], " "+jn+" ") {
			if m.FullName() != "google.protobuf.Any" && m.Name() != "ContainedResource" {
				structure(m)
			}
			continue
		}
		var t string
		switch {
		case m.FullName() == "google.protobuf.Any", m.Name() == "ContainedResource":
			t = "Resource"
		case choice(m):
			var of []string
			for j := 0; j < m.Fields().Len(); j++ {
				of = append(of, typeName(m.Fields().Get(j).Message()))
				structure(m.Fields().Get(j).Message())
			}
			sort.Strings(of)
			t = "[" + strings.Join(of, "|") + "]"
		default:
			t = typeName(m)
			structure(m)
		}
		star := ""
		if f.IsList() {
			star = "*"
		}
		members = append(members, jn+star+":"+t)
	}
	fmt.Fprintf(&sb, "%s<%s", name, base)
	for _, m := range members {
		sb.WriteByte(' ')
		sb.WriteString(m)
	}
	lines = append(lines, sb.String())
}

package fhirpath

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"time"
)

// maxLine is the longest line of the protocol.
const maxLine = 32 << 20

// request is a line in; response is a line out.
type request struct {
	ID         json.RawMessage            `json:"id"`
	Resource   json.RawMessage            `json:"resource"`
	Expression *string                    `json:"expression"`
	Variables  map[string]json.RawMessage `json:"variables"`
	Strict     bool                       `json:"strict"`
}

type response struct {
	ID     json.RawMessage `json:"id"`
	Result *[]any          `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"`
}

// Serve answers expressions, a JSON object a line in and out, until the input ends: {"id","resource","expression",
// "variables","strict"?} gives {"id","result":[…]} or {"id","error":"…"}. A line that cannot be read is answered with an
// error and a null id; only a failing reader or writer ends Serve early. A variable is any JSON value, a list is a
// collection. With strict, what Check finds is an error, and so is a condition that is not a Boolean.
func Serve(r io.Reader, w io.Writer, now func() time.Time) error {
	in, out := bufio.NewReaderSize(r, 64<<10), bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	last := answering{now: now}
	for {
		line, long, err := readLine(in)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if len(bytes.TrimSpace(line)) > 0 || long {
			answer := response{ID: json.RawMessage("null"), Error: "the line is too long"}
			if !long {
				answer = last.answer(line)
			}
			if err := enc.Encode(answer); err != nil {
				return err
			}
			if in.Buffered() == 0 {
				if err := out.Flush(); err != nil {
					return err
				}
			}
		}
		if err != nil {
			return out.Flush()
		}
	}
}

// readLine reads to the end of the line, and throws away what exceeds the longest one.
func readLine(in *bufio.Reader) (line []byte, long bool, err error) {
	for {
		part, err := in.ReadSlice('\n')
		if len(line)+len(part) > maxLine {
			line, long = nil, true
		}
		if !long {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, long, err
		}
	}
}

// answering keeps the last resource, because callers often ask many things of one.
type answering struct {
	now      func() time.Time
	resource []byte
	root     Node
}

func (a *answering) answer(line []byte) response {
	var q request
	if err := json.Unmarshal(line, &q); err != nil {
		return response{ID: json.RawMessage("null"), Error: "the line is not a request: " + err.Error()}
	}
	out := response{ID: q.ID}
	if len(q.ID) == 0 {
		out.ID = json.RawMessage("null")
	}
	result, err := a.evaluate(&q)
	if err != nil {
		out.Error = err.Error()
		return out
	}
	plain := slices.DeleteFunc(result.Plain(), func(v any) bool { return v == nil }) // a primitive of which only the extensions are there
	out.Result = &plain
	return out
}

func (a *answering) evaluate(q *request) (Collection, error) {
	if q.Expression == nil {
		return nil, errors.New("the request has no expression")
	}
	if err := a.read(q.Resource); err != nil {
		return nil, err
	}
	vars := map[string]Collection{}
	for name, raw := range q.Variables {
		v, err := variableOf(raw)
		if err != nil {
			return nil, errors.New("the variable " + name + ": " + err.Error())
		}
		vars[name] = v
	}
	e, err := Compile(*q.Expression, Options{Strict: q.Strict})
	if err != nil {
		return nil, err
	}
	if q.Strict {
		if found := e.Check(CheckOptions{Type: a.root.Type(), Strict: true}); len(found) > 0 {
			return nil, found[0]
		}
	}
	return e.Eval(context.Background(), a.root, Env{Vars: vars, Now: a.now()})
}

func (a *answering) read(resource json.RawMessage) error {
	if bytes.Equal(resource, a.resource) && a.resource != nil {
		return nil
	}
	a.resource, a.root = nil, Node{}
	if len(resource) == 0 || bytes.Equal(resource, []byte("null")) {
		return nil
	}
	n, err := Parse(resource)
	if err != nil {
		return err
	}
	a.resource, a.root = bytes.Clone(resource), n
	return nil
}

// variableOf makes a collection of a JSON value: an object is a resource or a plain tree, a list its items.
func variableOf(raw json.RawMessage) (Collection, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return nil, nil
	}
	if raw[0] != '[' {
		n, err := Parse(raw)
		return Collection{n.Value()}, err
	}
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return nil, err
	}
	out := make(Collection, 0, len(items))
	for _, item := range items {
		if bytes.Equal(bytes.TrimSpace(item), []byte("null")) {
			continue
		}
		n, err := Parse(item)
		if err != nil {
			return nil, err
		}
		out = append(out, n.Value())
	}
	return out, nil
}

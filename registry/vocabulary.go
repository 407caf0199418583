package registry

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"kindred/internal/ontology"
	"kindred/schemas"
)

// Vocabulary is the symptoms and diagnoses in force.
type Vocabulary = ontology.Library

// The files under the data folder in which an imported vocabulary lies.
const (
	vocabularyFolder = "ontology"
	symptomsFile     = "hpo.tsv.gz"
	diagnosesFile    = "orpha.tsv.gz"
)

// StarterVocabulary is what Kindred brings along.
func StarterVocabulary() (*Vocabulary, error) { return LoadVocabulary("") }

// LoadVocabulary reads the vocabularies imported into a data folder, or the starter set where none was imported.
func LoadVocabulary(data string) (*Vocabulary, error) {
	symptoms, err := readVocabulary(data, symptomsFile, schemas.StarterSymptoms)
	if err != nil {
		return nil, err
	}
	diagnoses, err := readVocabulary(data, diagnosesFile, schemas.StarterDiagnoses)
	if err != nil {
		return nil, err
	}
	v := &Vocabulary{}
	if v.Symptoms, err = ontology.New(symptoms); err != nil {
		return nil, err
	}
	if v.Diagnoses, err = ontology.New(diagnoses); err != nil {
		return nil, err
	}
	return v, nil
}

func readVocabulary(data, name string, starter []byte) (ontology.Set, error) {
	if data == "" {
		return ontology.Read(bytes.NewReader(starter))
	}
	f, err := os.Open(filepath.Join(data, vocabularyFolder, name))
	if errors.Is(err, fs.ErrNotExist) {
		return ontology.Read(bytes.NewReader(starter))
	}
	if err != nil {
		return ontology.Set{}, fmt.Errorf("registry: vocabulary: %w", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return ontology.Set{}, fmt.Errorf("registry: vocabulary: %w", err)
	}
	return ontology.Read(z)
}

// writeVocabulary replaces an imported vocabulary: whole, synced, then renamed.
func writeVocabulary(data, name string, s ontology.Set) error {
	dir := filepath.Join(data, vocabularyFolder)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("registry: vocabulary: %w", err)
	}
	f, err := os.CreateTemp(dir, "half-*")
	if err != nil {
		return fmt.Errorf("registry: vocabulary: %w", err)
	}
	defer os.Remove(f.Name()) // renamed by then, unless something failed
	z := gzip.NewWriter(f)
	if err := errors.Join(s.Write(z), z.Close(), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("registry: vocabulary: %w", err)
	}
	return os.Rename(f.Name(), filepath.Join(dir, name))
}

package schemas

import _ "embed"

// The starter vocabularies, in the compact form of package ontology: symptoms and diagnoses chosen for rare tumours of
// childhood and neuromuscular disorders, with everything above them. Identifiers, labels and edges are those of the
// HPO release and the Orphanet nomenclature named in their first line; the lay names and the Spanish names are ours.
var (
	//go:embed ontology/hpo.tsv
	StarterSymptoms []byte
	//go:embed ontology/orpha.tsv
	StarterDiagnoses []byte
)

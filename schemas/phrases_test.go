package schemas

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"kindred/internal/ontology"
)

// phrases are what mothers, fathers and patients say, in whole sentences, and the terms that any of them may mean.
var phrases = []struct{ lang, said, terms string }{
	{"es", "mi hijo se cae mucho", "HP:0002359"},
	{"es", "se cae a menudo cuando anda", "HP:0002359"},
	{"es", "le cuesta subir las escaleras", "HP:0003551"},
	{"es", "no puede correr como los otros niños", "HP:0009046"},
	{"es", "anda como un pato", "HP:0002515"},
	{"es", "camina de puntillas", "HP:0040083 HP:0030051"},
	{"es", "se cansa muy rápido", "HP:0003473 HP:0012378 HP:0003546"},
	{"es", "le duelen mucho las piernas", "HP:0009763 HP:0012514"},
	{"es", "le duele la cabeza", "HP:0002315"},
	{"es", "tiene mucha fiebre", "HP:0001945"},
	{"es", "le sangra la nariz", "HP:0000421"},
	{"es", "le salen moratones por nada", "HP:0000978"},
	{"es", "no habla todavía", "HP:0001344 HP:0000750"},
	{"es", "empezó a andar muy tarde", "HP:0031936 HP:0001270 HP:0002194"},
	{"es", "le cuesta tragar la comida", "HP:0002015"},
	{"es", "se le caen los párpados", "HP:0000508"},
	{"es", "ve doble", "HP:0000651"},
	{"es", "tiene la espalda torcida", "HP:0002650"},
	{"es", "le cuesta respirar", "HP:0002094 HP:0002098"},
	{"es", "no duerme bien", "HP:0002360"},
	{"es", "ha perdido mucho peso", "HP:0001824"},
	{"en", "my son falls a lot", "HP:0002359"},
	{"en", "she falls over all the time", "HP:0002359"},
	{"en", "he has trouble getting up the stairs", "HP:0003551"},
	{"en", "he can't run like other children", "HP:0009046"},
	{"en", "he walks like a duck", "HP:0002515"},
	{"en", "she walks on her toes", "HP:0040083 HP:0030051"},
	{"en", "he gets tired very quickly", "HP:0003473 HP:0012378 HP:0003546"},
	{"en", "his legs hurt a lot", "HP:0009763 HP:0012514"},
	{"en", "she has very bad headaches", "HP:0002315"},
	{"en", "his nose bleeds often", "HP:0000421"},
	{"en", "she bruises very easily", "HP:0000978"},
	{"en", "my daughter does not talk yet", "HP:0001344 HP:0000750"},
	{"en", "he started walking late", "HP:0031936 HP:0001270 HP:0002194"},
	{"en", "it is hard for her to swallow", "HP:0002015"},
	{"en", "her eyelids droop", "HP:0000508"},
	{"en", "I see double", "HP:0000651"},
	{"en", "his spine is curved", "HP:0002650"},
	{"en", "she is short of breath", "HP:0002094"},
	{"en", "my baby is very floppy", "HP:0001252 HP:0001319 HP:0008935"},
	{"en", "he does not sleep well", "HP:0002360"},
	{"en", "a white glow in the pupil of his eye in photos", "HP:0000555"},
}

// unseen were written after the names were, and no name was made for them: they tell how a sentence fares that nobody
// thought of.
var unseen = []struct{ lang, said, terms string }{
	{"es", "a mi niña se le van los ojos hacia dentro", "HP:0000486"},
	{"es", "le tiemblan las manos", "HP:0001337 HP:0002378"},
	{"es", "vomita casi todos los días", "HP:0002013"},
	{"es", "tiene bultos en el cuello", "HP:0002716"},
	{"es", "se marea al levantarse", "HP:0002321 HP:0001278"},
	{"es", "tiene las articulaciones muy flexibles", "HP:0001382"},
	{"es", "está muy pálido y cansado", "HP:0000980 HP:0012378"},
	{"es", "babea mucho", "HP:0002307"},
	{"es", "no oye bien", "HP:0000365"},
	{"es", "tiene manchas de color café con leche", "HP:0000957 HP:0007565"},
	{"en", "his hands shake", "HP:0001337 HP:0002378"},
	{"en", "she throws up every morning", "HP:0002013"},
	{"en", "lumps in her neck", "HP:0002716"},
	{"en", "he feels dizzy", "HP:0002321"},
	{"en", "her joints bend too far", "HP:0001382"},
	{"en", "he is pale", "HP:0000980"},
	{"en", "he drools all the time", "HP:0002307"},
	{"en", "she does not hear well", "HP:0000365"},
	{"en", "he has trouble chewing", "HP:0005216"},
	{"en", "her bones break easily", "HP:0002659 HP:0002756"},
}

func TestLayPhrasesFindTheirSymptom(t *testing.T) {
	set, err := ontology.Read(bytes.NewReader(StarterSymptoms))
	if err != nil {
		t.Fatal(err)
	}
	x, err := ontology.New(set)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct {
		what        string
		said        []struct{ lang, said, terms string }
		first, five int // percent, at least
	}{{"known", phrases, 90, 100}, {"unseen", unseen, 40, 55}} {
		first, five := 0, 0
		for _, p := range k.said {
			at := -1
			var got []string
			for i, m := range x.Search(p.said, p.lang, 5) {
				got = append(got, fmt.Sprintf("%s %s (%.2f)", m.Term.ID, m.Name, m.Score))
				if at < 0 && slices.Contains(strings.Fields(p.terms), m.Term.ID) {
					at = i
				}
			}
			if at == 0 {
				first++
			}
			if at >= 0 {
				five++
			} else {
				t.Logf("%q: %q", p.said, got)
			}
		}
		n := len(k.said)
		t.Logf("%d %s phrases: the first answer is right for %d, one of the first five for %d", n, k.what, first, five)
		if five*100 < k.five*n || first*100 < k.first*n {
			t.Errorf("%s: fewer than %d and %d in a hundred", k.what, k.first, k.five)
		}
	}
}

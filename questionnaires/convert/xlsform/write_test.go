package xlsform

import (
	"strings"
	"testing"

	"kindred/internal/fault"
	"kindred/internal/sample"
	"kindred/questionnaires/convert"
)

// roundTrip writes what was read and reads it again.
func roundTrip(tb testing.TB, q convert.Questionnaire, o Options) (convert.Report, []byte) {
	tb.Helper()
	raw, report, err := Write(q)
	if err != nil {
		tb.Fatal(err)
	}
	again, _, err := Read(raw, o)
	if err != nil {
		for _, f := range fault.All(err) {
			tb.Errorf("%s %s %v", f.Field, f.Key, f.Args)
		}
		tb.Fatalf("%v\n%s", err, dump(tb, raw))
	}
	if a, b := string(q.Marshal()), string(again.Marshal()); a != b {
		tb.Fatalf("not the same again:\n%s\n%s", difference(a, b), dump(tb, raw))
	}
	once, _, _ := Write(again)
	if string(once) != string(raw) {
		tb.Fatal("the same questionnaire gave other bytes")
	}
	return report, raw
}

// difference shows the first lines that differ.
func difference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range x {
		if i >= len(y) || x[i] != y[i] {
			return strings.Join(x[max(0, i-6):min(len(x), i+6)], "\n") + "\n--- became ---\n" + strings.Join(y[min(len(y), max(0, i-6)):min(len(y), i+6)], "\n")
		}
	}
	return "lines were added"
}

// dump shows the cells of a workbook.
func dump(tb testing.TB, raw []byte) string {
	tb.Helper()
	b, err := readBook(raw)
	if err != nil {
		tb.Fatal(err)
	}
	var sb strings.Builder
	for _, s := range b.sheets {
		for _, r := range s.rows {
			sb.WriteString(s.name)
			for _, c := range r.cells {
				sb.WriteString(" | " + place("", c.column, r.number)[1:] + "=" + c.text)
			}
			sb.WriteString("\n")
		}
	}
	return sb.String()
}

func TestRoundTripOfSamples(t *testing.T) {
	for _, name := range []string{"choice_filter_test", "group", "specify_other"} {
		for _, o := range []Options{base, {Name: "plain"}} {
			q, _, err := Read(sample.Read(t, "samples", "xlsform", name+".xlsx"), o)
			if err != nil {
				t.Fatal(name, err)
			}
			if report, _ := roundTrip(t, q, o); len(report) > 0 {
				t.Errorf("%s: %v", name, report)
			}
		}
	}
}

// clinic uses every column and type.
var clinic = cells{
	"survey": {
		{"type", "name", "label::English (en)", "label::Español (es)", "hint::English (en)", "guidance_hint::English (en)", "required", "relevant", "constraint", "constraint_message::English (en)", "constraint_message::Español (es)",
			"calculation", "default", "readonly", "appearance", "parameters", "choice_filter", "repeat_count"},
		{"start", "started"}, {"today", "day"}, {"deviceid", "device"},
		{"begin_group", "who", "About you", "Sobre usted", "", "", "", "", "", "", "", "", "", "", "field-list"},
		{"text", "first_name", "First name", "Nombre", "As in your papers", "Ask for a document", "yes", "", "regex(., '[^0-9]+') and string-length(.) <= 60"},
		{"integer", "age", "Age", "Edad", "", "", "yes", "", ". >= 0 and . <= 120", "Between 0 and 120", "Entre 0 y 120"},
		{"integer", "parity", "Children", "", "", "", "", "", ". >= 0 and . < 20"},
		{"date", "born", "Born", "", "", "", "", "", ". <= today()", "Not in the future", "No en el futuro"},
		{"date", "seen", "Seen", "", "", "", "", "", ". >= date('2020-01-01')", "", "", "", "today()"},
		{"select_one yesno", "smokes", "Do you smoke?", "¿Fuma?", "", "", "", "", "", "", "", "", "no", "", "minimal"},
		{"integer", "cigarettes", "How many?", "¿Cuántos?", "", "", "${smokes} = 'yes'", "${smokes} = 'yes' and ${age} > 12"},
		{"note", "thanks", "Thank you, ${first_name}", "Gracias", "", "", "", "${smokes} != 'yes'"},
		{"end_group"},
		{"select_multiple symptoms", "symptoms", "Symptoms", "Síntomas", "", "", "", "", "not(selected(., 'none') and count-selected(.) > 1)", "Nothing beside none", "", "", "pain fever"},
		{"select_one symptoms or_other", "worst", "The worst", "", "", "", "", "count-selected(${symptoms}) > 1", "", "", "", "", "", "", "horizontal", "", "selected(${symptoms}, name)"},
		{"text", "worst_note", "Tell", "", "", "", "", "${worst} = 'other'", "", "", "", "concat(${worst_other}, '!')", "", "yes"},
		{"range", "pain", "Pain", "", "", "", "", "selected(${symptoms}, 'pain')", "", "", "", "", "3", "", "", "start=0 end=10 step=1"},
		{"range", "dose", "Dose", "", "", "", "", "", "", "", "", "", "", "", "", "start=0.5 end=2 step=0.1"},
		{"decimal", "weight", "Weight", "", "", "", "", "", ". > 0.5"}, {"decimal", "height", "Height"},
		{"calculate", "bmi", "", "", "", "", "", "${weight} != ''", "", "", "", "round(${weight} div (${height} * ${height}), 1)"},
		{"calculate", "years", "", "", "", "", "", "", "", "", "", "int((today() - ${born}) div 365.25)"},
		{"calculate", "label1", "", "", "", "", "", "", "", "", "", "if(${bmi} > 25, 'high', 'fine')"},
		{"calculate", "adult", "", "", "", "", "", "", "", "", "", "${age} >= 18"},
		{"calculate", "stamp", "", "", "", "", "", "", "", "", "", "once(concat(${first_name}, '-', ${age}))"},
		{"calculate", "pickedname", "", "", "", "", "", "", "", "", "", "jr:choice-name(${smokes}, '${smokes}')"},
		{"acknowledge", "agreed", "I agree", "Acepto", "", "", "yes"},
		{"time", "wakes", "Wakes", "", "", "", "", "${agreed} = 'OK'", "", "", "", "", "07:30"}, {"datetime", "met", "Met", "", "", "", "", "${wakes} < '08:00'"},
		{"image", "photo", "Photo"}, {"audio", "voice", "Voice"}, {"video", "film", "Film"}, {"file", "paper", "Paper"}, {"geopoint", "where", "Where"}, {"geotrace", "way", "Way"}, {"barcode", "code", "Code"},
		{"hidden", "source", "", "", "", "", "", "", "", "", "", "", "clinic"}, {"rank symptoms", "ranking", "Rank"}, {"text", "story", "Story", "", "", "", "", "", "", "", "", "", "", "", "multiline"},
		{"percentage", "share", "Share"}, {"phone number", "phone", "Phone"},
		{"begin repeat", "child", "Child ${age}", "", "", "", "", "${parity} > 0", "", "", "", "", "", "", "", "", "", "3"},
		{"text", "child_name", "Name", "", "", "", "true()"},
		{"integer", "child_age", "Age", "", "", "", "", "${child_name} != ''", ". < ${age}", "Younger than you"},
		{"select_one yesno", "school", "School", "", "", "", "", "${child_age} > 5 or ${child_age} = ''"},
		{"calculate", "child_left", "", "", "", "", "", "", "", "", "", "${age} - ${child_age}"},
		{"begin repeat", "pet", "Pet"}, {"text", "pet_name", "Pet name"}, {"text", "owner", "Owner", "", "", "", "", "", "", "", "", "", "${child_name}"}, {"end repeat"},
		{"end repeat"},
		{"calculate", "total", "", "", "", "", "", "", "", "", "", "sum(${child_age}) + count(${child})"},
		{"begin_group", "table1", "How often", "", "", "", "", "", "", "", "", "", "", "", "table-list"},
		{"select_one often", "often_a", "A"}, {"select_one often", "often_b", "B"},
		{"end_group"},
		{"select_one towns", "town", "Town", "", "", "", "", "", "", "", "", "", "", "", "", "", "county = ${region} or ${region} = ''"}, {"select_one regions", "region", "Region"},
	},
	"choices": {
		{"list_name", "name", "label::English (en)", "label::Español (es)", "county"},
		{"yesno", "yes", "Yes", "Sí"}, {"yesno", "no", "No", "No"},
		{"symptoms", "pain", "Pain", "Dolor"}, {"symptoms", "fever", "Fever", "Fiebre"}, {"symptoms", "none", "None", "Ninguno"},
		{"often", "1", "Never"}, {"often", "2", "Often"},
		{"regions", "north", "North"}, {"regions", "south", "South"},
		{"towns", "a", "Atown", "", "north"}, {"towns", "b", "Btown", "", "south"}, {"towns", "c", "Ctown", "", "south"}, {"towns", "d", "Anywhere"},
	},
	"settings": {{"form_title", "form_id", "version", "default_language", "style"}, {"Clinic", "clinic", "2024010100", "English (en)", "pages"}},
}

func TestRoundTripOfEverything(t *testing.T) {
	q, report := read(t, clinic)
	for _, n := range report {
		t.Logf("%+v", n)
	}
	t.Logf("%s", q.Marshal())
	back, raw := roundTrip(t, q, base)
	for _, n := range back {
		t.Logf("back %+v", n)
	}
	t.Log(dump(t, raw))
}

package xlsform

import "strings"

// canonical maps the spellings of question types, lower-cased and with single spaces, to the one used here. The older
// ones are those of pyxform's question_type_dictionary and aliases.
var canonical = map[string]string{
	"integer": "integer", "int": "integer", "q int": "integer", "add integer prompt": "integer",
	"decimal": "decimal", "q decimal": "decimal", "add decimal prompt": "decimal",
	"range": "range",
	"text":  "text", "string": "text", "q string": "text", "add text prompt": "text",
	"note": "note", "add note prompt": "note",
	"geopoint": "geopoint", "gps": "geopoint", "location": "geopoint", "q location": "geopoint", "q geopoint": "geopoint", "add location prompt": "geopoint",
	"geotrace": "geotrace", "geoshape": "geoshape", "q geotrace": "geotrace", "q geoshape": "geoshape",
	"date": "date", "q date": "date", "add date prompt": "date",
	"time": "time", "q time": "time", "add time prompt": "time",
	"datetime": "datetime", "date time": "datetime", "q datetime": "datetime", "q date time": "datetime", "add date time prompt": "datetime",
	"image": "image", "photo": "image", "q image": "image", "add image prompt": "image", "add photo prompt": "image",
	"audio": "audio", "q audio": "audio", "add audio prompt": "audio",
	"background-audio": "background-audio",
	"video":            "video", "q video": "video", "add video prompt": "video",
	"file": "file", "q file": "file", "add file prompt": "file",
	"barcode": "barcode", "q barcode": "barcode", "add barcode prompt": "barcode",
	"calculate": "calculate", "calculation": "calculate", "q calculate": "calculate", "add calculate prompt": "calculate",
	"acknowledge": "acknowledge", "trigger": "acknowledge", "q acknowledge": "acknowledge", "add acknowledge prompt": "acknowledge",
	"hidden": "hidden", "phone number": "phone number", "number of days in last month": "days of month", "number of days in last six months": "days of half year",
	"number of days in last year": "days of year", "percentage": "percentage",
	"csv-external": "csv-external", "xml-external": "xml-external",
	"start": "start", "start time": "start", "get start time": "start",
	"end": "end", "end time": "end", "get end time": "end",
	"today": "today", "get today": "today",
	"deviceid": "deviceid", "device id": "deviceid", "get device id": "deviceid", "imei": "deviceid",
	"phonenumber": "phonenumber", "get phone number": "phonenumber", "username": "username", "email": "email",
	"simserial": "simserial", "sim id": "simserial", "get sim id": "simserial",
	"subscriberid": "subscriberid", "subscriber id": "subscriberid", "get subscriber id": "subscriberid",
	"uri:deviceid": "deviceid", "uri:username": "username", "uri:email": "email", "uri:phonenumber": "phonenumber",
	"audit": "audit", "start-geopoint": "start-geopoint", "background-geopoint": "background-geopoint", "osm": "osm",
	"begin group": "begin group", "begin_group": "begin group", "end group": "end group", "end_group": "end group",
	"begin repeat": "begin repeat", "begin_repeat": "begin repeat", "end repeat": "end repeat", "end_repeat": "end repeat",
	"begin lgroup": "begin repeat", "end lgroup": "end repeat", "begin looped group": "begin repeat", "end looped group": "end repeat",
}

// selects are the beginnings of types that name a list of choices.
var selects = []struct {
	prefix   string
	kind     string
	file     bool
	multiple bool
}{
	{"select_one_from_file", "select", true, false}, {"select one from file", "select", true, false},
	{"select_multiple_from_file", "select", true, true}, {"select multiple from file", "select", true, true},
	{"select_one_external", "select", true, false},
	{"select_one", "select", false, false}, {"select one from", "select", false, false}, {"select one", "select", false, false}, {"select1", "select", false, false},
	{"add select one prompt using", "select", false, false},
	{"select_multiple", "select", false, true}, {"select all that apply from", "select", false, true}, {"select all that apply", "select", false, true},
	{"add select multiple prompt using", "select", false, true}, {"select multiple from", "select", false, true}, {"select multiple", "select", false, true},
	{"rank", "rank", false, true},
}

// kindOfType reads the type column: the canonical kind, and for selects the list.
func (n *node) readType(text string) bool {
	words := strings.Join(strings.Fields(text), " ")
	lower := strings.ToLower(words)
	if kind := canonical[lower]; kind != "" {
		n.kind = kind
		return true
	}
	for _, s := range selects {
		if !strings.HasPrefix(lower, s.prefix+" ") {
			continue
		}
		rest := strings.TrimSpace(words[len(s.prefix):])
		for _, suffix := range []string{" or_other", " or specify other", " or other"} {
			if cut := len(rest) - len(suffix); cut > 0 && strings.EqualFold(rest[cut:], suffix) {
				rest, n.orOther = rest[:cut], true
			}
		}
		if strings.ContainsRune(rest, ' ') || strings.HasPrefix(rest, "${") && s.file {
			return false
		}
		n.kind, n.list, n.multiple, n.fromFile = s.kind, rest, s.multiple, s.file
		return true
	}
	return false
}

// columns maps the spellings of survey columns to the one used here; those of pyxform's aliases among them.
var surveyColumns = map[string]string{
	"type": "type", "command": "type", "name": "name", "tag": "name", "value": "name",
	"label": "label", "caption": "label", "hint": "hint", "guidance_hint": "guidance_hint", "guidance hint": "guidance_hint",
	"constraint": "constraint", "bind::constraint": "constraint",
	"constraint_message": "constraint_message", "constraint message": "constraint_message", "constraint-msg": "constraint_message",
	"constraining message": "constraint_message", "constraintmsg": "constraint_message", "bind::jr:constraintmsg": "constraint_message",
	"required": "required", "bind::required": "required",
	"required_message": "required_message", "required message": "required_message", "requiredmsg": "required_message", "bind::jr:requiredmsg": "required_message",
	"relevant": "relevant", "relevance": "relevant", "bind::relevant": "relevant", "skippattern": "relevant",
	"calculation": "calculation", "calculate": "calculation", "bind::calculate": "calculation", "trigger": "trigger",
	"default": "default", "readonly": "readonly", "read_only": "readonly", "read only": "readonly", "bind::readonly": "readonly",
	"appearance": "appearance", "control::appearance": "appearance", "body::appearance": "appearance",
	"parameters": "parameters", "choice_filter": "choice_filter", "choice filter": "choice_filter",
	"repeat_count": "repeat_count", "repeat-count": "repeat_count", "count": "repeat_count", "jr:count": "repeat_count",
	"control::jr:count": "repeat_count", "body::jr:count": "repeat_count",
	"image": "image", "media::image": "image", "audio": "audio", "media::audio": "audio", "video": "video", "media::video": "video",
	"big-image": "big-image", "media::big-image": "big-image", "autoplay": "autoplay", "rows": "rows", "body::rows": "rows", "control::rows": "rows",
	"save_to": "save_to", "intent": "intent", "body::intent": "intent", "note": "comment", "comment": "comment", "comments": "comment", "notes": "comment", "disabled": "disabled",
}

var choiceColumns = map[string]string{
	"list_name": "list_name", "list name": "list_name", "name": "name", "value": "name", "label": "label", "caption": "label",
	"image": "image", "media::image": "image", "audio": "audio", "media::audio": "audio", "video": "video", "media::video": "video",
	"big-image": "big-image", "media::big-image": "big-image",
}

var settingColumns = map[string]string{
	"form_title": "form_title", "title": "form_title", "set form title": "form_title", "form_id": "form_id", "id_string": "form_id", "set form id": "form_id",
	"version": "version", "default_language": "default_language", "style": "style", "allow_choice_duplicates": "allow_choice_duplicates", "name": "name",
}

// spoken are the columns that may be written once a language.
var spoken = map[string]bool{"label": true, "hint": true, "guidance_hint": true, "constraint_message": true, "required_message": true,
	"image": true, "audio": true, "video": true, "big-image": true}

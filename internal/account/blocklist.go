package account

import (
	"strings"
	"unicode/utf8"
)

// keyboard holds the rows and slanted columns of the common layouts, forwards and backwards.
var keyboard = bothWays(
	"1234567890", "qwertyuiop", "asdfghjklñ", "asdfghjkl", "zxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn", "qwertzuiop", "yxcvbnm",
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm", "iqaz2wsxeedcarfvstgb6yhntujm", "qazwsxedcrfvtgbyhnujmikolp", "1q2w3e4r5t6y7u8i9o0p", "iq2weearst6yturi9oop", "qweasdzxc", "147258369", "159753",
)

func bothWays(rows ...string) [][]rune {
	out := make([][]rune, 0, 2*len(rows))
	for _, row := range rows {
		forward := []rune(row)
		back := make([]rune, len(forward))
		for i, r := range forward {
			back[len(forward)-1-i] = r
		}
		out = append(out, forward, back)
	}
	return out
}

// commonWords are the words that guessers put together, English and Spanish: one guess each.
var commonWords = words(`
password passwort passwd pass passphrase contrasena contraseña clave secret secreto letmein welcome bienvenido bienvenida
admin administrator root user usuario test testing prueba login signin guest changeme default qwerty azerty abc
iloveyou loveyou teamo tequiero love amor money dinero dragon monkey master superman batman football futbol baseball soccer
sunshine princess princesa shadow michael jennifer jordan hunter killer charlie maria jose juan carlos daniel ashley nicole
jessica andrea alejandro alexander whatever trustno freedom hello hola goodbye computer internet google facebook instagram
summer winter spring autumn verano invierno otono primavera monday tuesday wednesday thursday friday saturday sunday
january february march april june july august september october november december enero febrero marzo abril mayo junio julio
agosto septiembre octubre noviembre diciembre barcelona realmadrid madrid america mexico espana españa liverpool chelsea arsenal
starwars pokemon naruto minecraft samsung iphone android windows microsoft mustang ferrari mercedes corvette harley
family familia hospital patient paciente registry registro health salud corazon angel angels jesus christ jesucristo dios
cheese pepper cookie banana orange flower butterfly mariposa estrella chocolate elephant
`)

// commonWordMax is the length of the longest of them.
var commonWordMax = longest(commonWords)

// commonPhrases are passwords of 15 characters or more that stand high in published lists of leaked ones, or are well
// known from being given as examples, in plain form: folded, letters and digits only.
var commonPhrases = phrases(`
correct horse battery staple
this is my password
i forgot my password
password is password
to be or not to be
to be or not to be that is the question
may the force be with you
let me in right now
i love you so much
i love you forever
i love my family
i love jesus christ
jesus is my savior
jesus loves me
in god we trust
god is good all the time
our father who art in heaven
padre nuestro que estas en el cielo
el senor es mi pastor
the lord is my shepherd
te quiero muchisimo
te amo con todo mi corazon
mi contrasena segura
esta es mi contrasena
no me acuerdo de la contrasena
the quick brown fox
the quick brown fox jumps over the lazy dog
lorem ipsum dolor sit amet
never gonna give you up
hakuna matata
supercalifragilisticexpialidocious
a long time ago in a galaxy far far away
winter is coming
open sesame
abracadabra
once upon a time
erase una vez
en un lugar de la mancha
mary had a little lamb
twinkle twinkle little star
live long and prosper
happy birthday to you
cumpleanos feliz
thank you very much
what is the password
you shall not pass
one two three four five
uno dos tres cuatro cinco
one ring to rule them all
all you need is love
dont worry be happy
to infinity and beyond
hasta la vista baby
football is life
manchester united
liverpool football club
real madrid club de futbol
estados unidos mexicanos
united states of america
administrator password
super secret password
my super secret password
my secure password
change me please
please change me
temporary password
qwertyuiop asdfghjkl zxcvbnm
thisisaverylongpassword
thisisalongpassword
a very long password
`)

func words(text string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(text) {
		m[string(plainForm(w))] = true
	}
	return m
}

func longest(set map[string]bool) int {
	n := 0
	for w := range set {
		n = max(n, utf8.RuneCountInString(w))
	}
	return n
}

func phrases(text string) []string {
	var out []string
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		out = append(out, string(plainForm(line)))
	}
	return out
}

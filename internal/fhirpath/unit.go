package fhirpath

import (
	"strconv"
	"strings"
	"sync"

	"github.com/cockroachdb/apd/v3"
)

// unit is what a UCUM expression means: factor times a product of the seven base dimensions. A special unit (degree
// Celsius, pH) has an offset or no ratio scale and is compared with its own kind alone.
type unit struct {
	factor  decimal
	inverse decimal // what the factor is divided by; factors such as 1/60 are kept as a fraction so that they stay exact
	dims    dims
	special string // own kind, e.g. "Cel"
}

// dims are the exponents of m, s, g, rad, K, C, cd, and of arbitrary kinds that convert to nothing else.
type dims struct {
	base      [7]int8
	arbitrary string
}

// atoms are the units we know, as "value definition" in other atoms. Facts are from the UCUM specification.
// A star marks those that take metric prefixes.
var atoms = sync.OnceValue(func() map[string]atom {
	m := map[string]atom{}
	for line := range strings.Lines(atomTable) {
		f := strings.Fields(line)
		if len(f) == 3 {
			name, metric := strings.CutSuffix(f[0], "*")
			if f[0] == "10*" {
				name, metric = f[0], false
			}
			m[name] = atom{number: f[1], of: f[2], metric: metric}
		}
	}
	return m
})

type atom struct {
	number, of string
	metric     bool
}

const atomTable = `
10* 10 1
10^ 10 1
[pi] 3.1415926535897932384626433832795 1
% 1 10*-2
[ppth] 1 10*-3
[ppm] 1 10*-6
[ppb] 1 10*-9
[pptr] 1 10*-12
mol* 6.02214076 10*23
sr* 1 rad2
Hz* 1 s-1
N* 1 kg.m/s2
Pa* 1 N/m2
J* 1 N.m
W* 1 J/s
A* 1 C/s
V* 1 J/C
F* 1 C/V
Ohm* 1 V/A
S* 1 Ohm-1
Wb* 1 V.s
T* 1 Wb/m2
H* 1 Wb/A
lm* 1 cd.sr
lx* 1 lm/m2
Bq* 1 s-1
Gy* 1 J/kg
Sv* 1 J/kg
gon 0.9 deg
deg 2 [pi].rad/360
' 1 deg/60
'' 1 '/60
l* 1 dm3
L* 1 l
ar* 100 m2
min 60 s
h 60 min
d 24 h
a_t 365.24219 d
a_j 365.25 d
a_g 365.2425 d
a 1 a_j
wk 7 d
mo_s 29.53059 d
mo_j 1 a_j/12
mo_g 1 a_g/12
mo 1 mo_j
t* 1000 kg
bar* 100000 Pa
u* 1.6605402 10*-24.g
eV* 1.60217733 10*-19.J
kat* 1 mol/s
U* 1 10*-6.mol/(s.60)
G* 1 10*-4.T
g% 1 g/dl
cal* 4.184 J
cal_th* 4.184 J
cal_IT* 4.1868 J
[Cal] 1 kcal_th
[Btu] 1.05505585262 kJ
atm 101325 Pa
att 1 kgf/cm2
gf* 9.80665 g.m/s2
[lbf_av] 9.80665 [lb_av].m/s2
dyn* 1 g.cm/s2
erg* 1 dyn.cm
P* 1 dyn.s/cm2
Ci* 37000000000 Bq
R* 2.58 10*-4.C/kg
RAD* 100 erg/g
REM* 1 RAD
m[H2O]* 9.80665 kPa
m[Hg]* 133.3220 kPa
[in_i'H2O] 1 m[H2O].[in_i]/m
[in_i'Hg] 1 m[Hg].[in_i]/m
[in_i] 2.54 cm
[ft_i] 12 [in_i]
[yd_i] 3 [ft_i]
[mi_i] 5280 [ft_i]
[nmi_i] 1852 m
[kn_i] 1 [nmi_i]/h
[sin_i] 1 [in_i]2
[sft_i] 1 [ft_i]2
[cin_i] 1 [in_i]3
[cft_i] 1 [ft_i]3
[gal_us] 231 [in_i]3
[qt_us] 0.25 [gal_us]
[pt_us] 0.5 [qt_us]
[gil_us] 0.25 [pt_us]
[foz_us] 0.25 [gil_us]
[fdr_us] 0.125 [foz_us]
[min_us] 1 [fdr_us]/60
[tbs_us] 0.5 [foz_us]
[tsp_us] 1 [tbs_us]/3
[cup_us] 16 [tbs_us]
[foz_m] 30 mL
[cup_m] 240 mL
[tsp_m] 5 mL
[tbs_m] 15 mL
[gal_br] 4.54609 l
[pt_br] 1 [gal_br]/8
[foz_br] 1 [gal_br]/160
[gr] 64.79891 mg
[lb_av] 7000 [gr]
[oz_av] 1 [lb_av]/16
[dr_av] 1 [oz_av]/16
[ston_av] 2000 [lb_av]
[lton_av] 2240 [lb_av]
[stone_av] 14 [lb_av]
[pwt_tr] 24 [gr]
[oz_tr] 20 [pwt_tr]
[lb_tr] 12 [oz_tr]
[HP] 550 [ft_i].[lbf_av]/s
[psi] 1 [lbf_av]/[in_i]2
[MET] 3.5 mL/(min.kg)
[drp] 0.05 mL
[Ch] 1 mm/3
[diop] 1 m-1
mho* 1 S
Ao 0.1 nm
[car_m] 0.2 g
eq* 1 mol
osm* 1 mol
g* 1 g
m* 1 m
s* 1 s
rad* 1 rad
K* 1 K
C* 1 C
cd* 1 cd
`

// arbitraryUnits convert to nothing but themselves, with prefixes where marked.
var arbitraryUnits = map[string]bool{"[IU]": true, "[iU]": true, "[arb'U]": false, "[USP'U]": false, "[CFU]": false, "[FFU]": false, "[PFU]": false,
	"[GPL'U]": false, "[MPL'U]": false, "[APL'U]": false, "[beth'U]": false, "[anti'Xa'U]": false, "[todd'U]": false, "[dye'U]": false, "[smgy'U]": false,
	"[bdsk'U]": false, "[ka'U]": false, "[knk'U]": false, "[mclg'U]": false, "[tb'U]": false, "[CCID_50]": false, "[TCID_50]": false, "[EID_50]": false,
	"[Amb'a'1'U]": false, "[BAU]": false, "[AU]": false, "[D'ag'U]": false, "[ELU]": false, "[EU]": false, "[Lf]": false, "[PNU]": false, "[SPM]": false,
	"[hp'_X]": false, "[hnsf'U]": false, "[S]": false, "[HPF]": false, "[LPF]": false}

// specialUnits have no ratio scale.
var specialUnits = map[string]dims{"Cel": {base: [7]int8{4: 1}}, "[degF]": {base: [7]int8{4: 1}}, "[degRe]": {base: [7]int8{4: 1}}, "[pH]": {arbitrary: "[pH]"},
	"B": {}, "Np": {}, "B[SPL]": {}, "[p'diop]": {}, "bit_s": {}}

var prefixes = map[string]int32{"Y": 24, "Z": 21, "E": 18, "P": 15, "T": 12, "G": 9, "M": 6, "k": 3, "h": 2, "da": 1, "d": -1, "c": -2, "m": -3, "u": -6,
	"n": -9, "p": -12, "f": -15, "a": -18, "z": -21, "y": -24}

var baseDims = map[string]int{"m": 0, "s": 1, "g": 2, "rad": 3, "K": 4, "C": 5, "cd": 6}

var unitCache sync.Map // code → parsedUnit; bounded by unitCached
var unitCached struct {
	sync.Mutex
	n int
}

type parsedUnit struct {
	u  unit
	ok bool
}

// parseUnit reads a UCUM expression. It is false for one that is not UCUM, or that names a unit we do not know.
func parseUnit(code string) (unit, bool) {
	if c, ok := unitCache.Load(code); ok {
		p := c.(parsedUnit)
		return p.u, p.ok
	}
	if len(code) > 200 {
		return unit{}, false
	}
	p := unitParser{src: code}
	u, ok := p.expression(0)
	ok = ok && p.at == len(p.src)
	unitCached.Lock()
	if unitCached.n < 4096 {
		unitCached.n++
		unitCache.Store(code, parsedUnit{u, ok})
	}
	unitCached.Unlock()
	return u, ok
}

func one() unit { return unit{factor: integer(1), inverse: integer(1)} }

type unitParser struct {
	src string
	at  int
}

func (p *unitParser) expression(depth int) (unit, bool) {
	if depth > 20 {
		return unit{}, false
	}
	out := one()
	divide := false
	if p.at < len(p.src) && p.src[p.at] == '/' {
		p.at++
		divide = true
	}
	for {
		u, ok := p.component(depth)
		if !ok {
			return unit{}, false
		}
		if divide {
			u, ok = u.power(-1)
		}
		if out, ok = out.times(u, ok); !ok {
			return unit{}, false
		}
		if p.at == len(p.src) || p.src[p.at] == ')' {
			return out, true
		}
		if p.src[p.at] != '.' && p.src[p.at] != '/' {
			return unit{}, false
		}
		divide = p.src[p.at] == '/'
		p.at++
	}
}

func (p *unitParser) component(depth int) (unit, bool) {
	if p.at >= len(p.src) {
		return unit{}, false
	}
	switch p.src[p.at] {
	case '(':
		p.at++
		u, ok := p.expression(depth + 1)
		if !ok || p.at >= len(p.src) {
			return unit{}, false
		}
		p.at++
		return u, true
	case '{':
		return one(), p.annotation()
	}
	start := p.at
	p.symbol()
	u, ok := simpleUnit(p.src[start:p.at])
	if !ok {
		// trailing digits are an exponent: cm2, m-1, 10*3
		symbol := p.src[start:p.at]
		cut := len(symbol)
		for cut > 0 && isDigit(symbol[cut-1]) {
			cut--
		}
		if cut > 0 && (symbol[cut-1] == '-' || symbol[cut-1] == '+') {
			cut--
		}
		n, err := strconv.Atoi(symbol[cut:])
		if err != nil || cut == 0 || n > 40 || n < -40 {
			return unit{}, false
		}
		if u, ok = simpleUnit(symbol[:cut]); ok {
			u, ok = u.power(n)
		}
		if !ok {
			return unit{}, false
		}
	}
	if p.at < len(p.src) && p.src[p.at] == '{' {
		return u, p.annotation()
	}
	return u, true
}

func (p *unitParser) annotation() bool {
	n := strings.IndexByte(p.src[p.at:], '}')
	p.at += n + 1
	return n > 0
}

// symbol moves past one unit with its prefix and exponent; dots and slashes within square brackets are part of it.
func (p *unitParser) symbol() {
	square := false
	for ; p.at < len(p.src); p.at++ {
		switch c := p.src[p.at]; {
		case c == '[':
			square = true
		case c == ']':
			square = false
		case !square && strings.IndexByte("./(){}", c) >= 0:
			return
		}
	}
}

func simpleUnit(s string) (unit, bool) {
	if s == "" {
		return unit{}, false
	}
	if n, err := strconv.ParseInt(s, 10, 48); err == nil && isDigit(s[0]) && n > 0 {
		u := one()
		u.factor = integer(n)
		return u, true
	}
	if u, ok := atomUnit(s); ok {
		return u, true
	}
	for cut := 1; cut <= 2 && cut < len(s); cut++ {
		exp, ok := prefixes[s[:cut]]
		if !ok {
			continue
		}
		a, known := atoms()[s[cut:]]
		prefixed, arbitrary := arbitraryUnits[s[cut:]]
		if known && a.metric || arbitrary && prefixed {
			u, ok := atomUnit(s[cut:])
			if ok {
				u.factor, ok = u.factor.mul(decimal{c: 1, e: exp})
			}
			return u, ok
		}
	}
	return unit{}, false
}

func atomUnit(s string) (unit, bool) {
	u := one()
	if i, ok := baseDims[s]; ok {
		u.dims.base[i] = 1
		return u, true
	}
	if _, ok := arbitraryUnits[s]; ok {
		u.dims.arbitrary = s
		return u, true
	}
	if d, ok := specialUnits[s]; ok {
		u.dims, u.special = d, s
		return u, true
	}
	a, ok := atoms()[s]
	if !ok {
		return unit{}, false
	}
	of, ok := parseUnit(a.of)
	if a.of == "1" {
		of, ok = one(), true
	}
	n, ok2 := parseDecimal(a.number)
	if !ok || !ok2 {
		return unit{}, false
	}
	of.factor, ok = of.factor.mul(n)
	return of, ok
}

func (u unit) times(o unit, ok bool) (unit, bool) {
	if !ok || u.special != "" && !o.neutral() || o.special != "" && !u.neutral() {
		return unit{}, false
	}
	var ok1, ok2 bool
	out := unit{special: u.special + o.special}
	out.factor, ok1 = u.factor.mul(o.factor)
	out.inverse, ok2 = u.inverse.mul(o.inverse)
	for i := range out.dims.base {
		n := int(u.dims.base[i]) + int(o.dims.base[i])
		if n > 60 || n < -60 {
			return unit{}, false
		}
		out.dims.base[i] = int8(n)
	}
	out.dims.arbitrary = u.dims.arbitrary + o.dims.arbitrary
	return out, ok1 && ok2
}

func (u unit) neutral() bool {
	return u.dims == dims{} && u.special == "" && u.factor.cmp(integer(1)) == 0 && u.inverse.cmp(integer(1)) == 0
}

func (u unit) power(n int) (unit, bool) {
	if u.special != "" {
		return unit{}, false
	}
	out, ok := one(), true
	for range max(n, -n) {
		if out, ok = out.times(u, ok); !ok {
			return unit{}, false
		}
	}
	if n < 0 {
		out.factor, out.inverse = out.inverse, out.factor
		for i := range out.dims.base {
			out.dims.base[i] = -out.dims.base[i]
		}
		if out.dims.arbitrary != "" {
			out.dims.arbitrary = "/" + out.dims.arbitrary
		}
	}
	return out, ok
}

// convert brings a number in unit u to unit to, exactly where decimals can hold it.
func (u unit) convert(n decimal, to unit) (decimal, bool) {
	if u.dims != to.dims {
		return decimal{}, false
	}
	if u.special != "" || to.special != "" {
		return u.convertSpecial(n, to)
	}
	n, ok1 := n.mul(u.factor)
	n, ok2 := n.mul(to.inverse)
	by, ok3 := u.inverse.mul(to.factor)
	if !ok1 || !ok2 || !ok3 || by.sign() == 0 {
		return decimal{}, false
	}
	return n.over(by)
}

// over divides exactly where the quotient is a short decimal, else to 28 digits.
func (d decimal) over(o decimal) (decimal, bool) {
	if o.cmp(integer(1)) == 0 {
		return d, true
	}
	return d.quo(o)
}

// convertSpecial knows temperatures: Cel, [degF] and [degRe] to and from K.
func (u unit) convertSpecial(n decimal, to unit) (decimal, bool) {
	if u.special == to.special {
		return n, true
	}
	if u.dims.base[4] != 1 || u.dims.arbitrary != "" {
		return decimal{}, false
	}
	kelvin, ok := toKelvin(n, u)
	if !ok {
		return decimal{}, false
	}
	return fromKelvin(kelvin, to)
}

var zeroCelsius, zeroFahrenheit = decimal{c: 27315, e: -2}, decimal{c: 45967, e: -2}

func toKelvin(n decimal, u unit) (decimal, bool) {
	switch u.special {
	case "Cel":
		return n.add(zeroCelsius)
	case "[degF]":
		n, ok1 := n.add(zeroFahrenheit)
		n, ok2 := n.mul(integer(5))
		n, ok3 := n.quo(integer(9))
		return n, ok1 && ok2 && ok3
	case "[degRe]":
		n, ok1 := n.mul(decimal{c: 125, e: -2})
		n, ok2 := n.add(zeroCelsius)
		return n, ok1 && ok2
	}
	n, ok := n.mul(u.factor)
	if !ok {
		return n, false
	}
	return n.over(u.inverse)
}

func fromKelvin(n decimal, to unit) (decimal, bool) {
	switch to.special {
	case "Cel":
		return n.sub(zeroCelsius)
	case "[degF]":
		n, ok1 := n.mul(decimal{c: 18, e: -1})
		n, ok2 := n.sub(zeroFahrenheit)
		r, ok3 := n.round(12, apd.RoundHalfUp)
		return r.reduced(), ok1 && ok2 && ok3
	case "[degRe]":
		n, ok1 := n.sub(zeroCelsius)
		n, ok2 := n.mul(decimal{c: 8, e: -1})
		return n, ok1 && ok2
	}
	n, ok := n.mul(to.inverse)
	if !ok {
		return n, false
	}
	return n.over(to.factor)
}

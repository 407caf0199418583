package fhirpath

import "testing"

func TestQuantities(t *testing.T) {
	checkTable(t, mustParse(t, maria), Env{Now: noon}, `
1 'cm' = 10.0 'mm' => true
1 'cm' = 1 'm' => false
1 'cm' = 1 's' => {}
1 'cm' = 1 'nonsense' => {}
1 'nonsense' = 1 'nonsense' => true
1 'h' = 3600 's' => true
1 hour = 3600 's' => true
1 year = 1 'a' => {}
1 year ~ 1 'a' => true
1 month ~ 1 'mo' => true
1 year = 12 months => true
1 year = 12 'mo' => {}
7 days = 1 'wk' => true
1 week = 7 'd' => true
6 months > 1 year => false
10 seconds > 1 's' => true
1 year > 1 'd' => {}
3 'm' + 3 'cm' => {"unit":"m","value":3.03}
3 'cm' + 3 'm' => {"unit":"cm","value":303}
1 + 2 'cm' => {"unit":"cm","value":3}
3 'm' + 1 's' => {}
2 minutes + 60 seconds => {"unit":"minute","value":3}
1 minute - 30 's' => {"unit":"minute","value":0.5}
1 year + 12 months => {}
3 'd' + 1 'wk' => {"unit":"d","value":10}
12 'cm' * 3 'cm' => {"unit":"cm2","value":36}
3 'cm' * 12 'cm2' => {"unit":"cm3","value":36}
10 'm/s' * 10 's' => {"unit":"m","value":100}
3 * 2 'cm' => {"unit":"cm","value":6}
12 days * 45 'm' => {}
12 'cm2' / 3 'cm' => {"unit":"cm","value":4}
120 'm' / 60 's' => {"unit":"m/s","value":2}
60 / 1 's' => {"unit":"/s","value":60}
60 's' / 2 => {"unit":"s","value":30}
1 'm' / 0 's' => {}
70 'kg' / (1.75 'm' * 1.75 'm') > 22 'kg/m2' => true
23 = 23 '1' => true
5 '%' = 0.05 '1' => true
4 'g' ~ 4040 'mg' => true
2.1 'cm' ~ 21 'mm' => true
1 '[lb_av]' = 453.59237 'g' => true
1 '[ft_i]' = 12 '[in_i]' => true
1 '[in_i]' = 2.54 'cm' => true
1 'L' = 1000 'mL' => true
1 'l' = 1 'dm3' => true
1 'mmol/L' = 0.001 'mol/L' => true
760 'mm[Hg]' > 101 'kPa' => true
1 'kcal' = 4.184 'kJ' => true
120 '/min' = 2 'Hz' => true
1 '[IU]/L' = 1 '[IU]/L' => true
1 '10*3/uL' = 1 '10*9/L' => true
37 'Cel' = 98.6 '[degF]' => true
310.15 'K' = 37 'Cel' => true
1 'mg{total}' = 1 'mg' => true
1 'cm'.comparable(1 '[in_i]') => true
1 'cm'.comparable(1 's') => false
1.comparable(2) => true
1 year.comparable(1 'a') => false
extension.value.ofType(Quantity) > 70 'kg' => true
extension.value.ofType(Quantity) = 70500 'g' => true
extension.value.ofType(Quantity).value => 70.50
(5.5 'mg').value => 5.5
-(5.5 'mg') => {"unit":"mg","value":-5.5}
`)
}

func TestDates(t *testing.T) {
	checkTable(t, mustParse(t, maria), Env{Now: noon}, `
now() => "2026-05-04T12:30:15.250+02:00"
today() => "2026-05-04"
timeOfDay() => "12:30:15.250"
now() = now() => true
today() - birthDate => !
@1973-12-25 + 7.9 days => "1974-01-01"
@2019-03-01 + 24 months => "2021-03-01"
@2026-01-31 + 1 month => "2026-02-28"
@2024-02-29 + 1 year => "2025-02-28"
@2024-02-29 - 4 years => "2020-02-29"
@2026-03-31 - 1 month => "2026-02-28"
@2026-01-01T13:00:00 + 30 minutes => "2026-01-01T13:30:00"
@1973-12-25T00:00:00.000+10:00 + 42.53 seconds => "1973-12-25T00:00:42.530+10:00"
@2026-12-31T23:59:59Z + 1 second => "2027-01-01T00:00:00Z"
@T23:30:00 + 1 hour => "00:30:00"
@T01:00:00 + 48 hours => "01:00:00"
@T00:30:00 - 1 hour => "23:30:00"
@T01:00 + 1 day => !
@2014 + 24 months => "2016"
@2014 + 23 months => "2015"
@2016 + 365 days => "2017"
@2014 + 11 months => "2014"
@2026-02 + 5 weeks => "2026-03"
@2026-02 + 4 weeks => "2026-02"
@2014 - 1 month => "2014"
@2026-02 - 1 day => "2026-02"
@2014-01-01 + 25 hours => "2014-01-02"
@9999-12-31 + 1 day => !
@0001-01-01 - 1 day => !
@2014-01-01 + 1 'mo' => !
@2014-01-01 + 1 'cm' => !
@2014-01-01 + 1 => !
@2014-01-01 + 1 'wk' => "2014-01-08"
@2014-01-01 + 999999999 years => !
@2014-01-01 + 9999999999999999 days => !
@2012 = @2012 => true
@2012-01 = @2012 => {}
@2012 = @2013-01 => false
@2012-01-01T10:30:31.0 = @2012-01-01T10:30:31 => true
@2012-01-01T10:30:31 ~ @2012-01-01T10:30 => false
@2018-01-01T16:00:00+11:00 < @2018-01-01T15:00:00.0+10:00 => false
@2018-01-01T16:00:00+12:00 < @2018-01-01T15:00:00.0+10:00 => true
@2018-01-01T16:00:00Z < @2018-01-03T16:00:00 => true
@2018-01-01T16:00:00Z < @2018-01-01T17:00:00 => {}
@2018-03-01T10 > @2018-03-01T10:30 => {}
@T10 > @T10:30 => {}
@T10:30 = @T10:30 => true
@2018 > @T10 => !
@2018 = @T10 => false
'2018' > @2017 => !
birthDate < @1981 => true
birthDate < @1980 => {}
birthDate.extension('http://example.org/t').value.hourOf() => 5
birthDate.extension('http://example.org/t').value.timezoneOffsetOf() => 1.0
@2012-01-01T12:30:00.000+08:45.timezoneOffsetOf() => 8.75
@2014-01-05T10:30:00.002.millisecondOf() => 2
@2014-01-05T10:30:00.secondOf() => 0
@2012.monthOf() => {}
@2012-05.monthOf() => 5
@2012-01-01T12:30:00.000-07:00.dateOf() => "2012-01-01"
@2012-01-01T12:30:00.000-07:00.timeOf() => "12:30:00.000"
@T10:30.hourOf() => 10
1.yearOf() => {}
@2025-01-02.duration(@2025-01-07, 'week') => 0
@2025-01-01.duration(@2025-09-01, 'year') => 0
@1980-02-29.duration(@2026-02-28, 'year') => 45
@1980-02-28.duration(@2026-02-28, 'years') => 46
@2025-01-10.duration(@2025-01-01, 'day') => -9
@2025-01-02.difference(@2025-01-07, 'week') => 1
@2024-12-01.difference(@2025-09-01, 'year') => 1
@2024-12.difference(@2025-09, 'day') => {}
@T10:00.difference(@T12:59, 'hour') => 2
@2014.lowBoundary() => "2014-01-01"
@2014-02.highBoundary() => "2014-02-28"
@2014.lowBoundary(6) => "2014-01"
@2014.lowBoundary(5) => {}
@2014-01-01T08.highBoundary(17) => "2014-01-01T08:59:59.999-12:00"
@T10:30.lowBoundary(9) => "10:30:00.000"
@2014-01-05T10:30:00.000.precision() => 17
`)
}

func TestModel(t *testing.T) {
	checkTable(t, mustParse(t, maria), Env{Now: noon}, `
Patient.active => true
Encounter.active => {}
multipleBirth => 2
multipleBirthInteger => {}
multipleBirth is integer => true
multipleBirth is boolean => false
multipleBirth.ofType(integer) + 1 => 3
gender is code => true
gender is string => true
gender as string => {}
gender is String => false
$this is Patient => true
$this is DomainResource => true
$this is Resource => true
$this is Encounter => false
$this is Nonsense => !
name is HumanName => !
name.first() is HumanName => true
name.ofType(HumanName).count() => 2
contained.ofType(Organization).name => "Clinic"
contained.ofType(DomainResource).count() => 2
birthDate is date => true
birthDate.extension.value is dateTime => true
1.type().name => "Integer"
gender.type().namespace & '.' & gender.type().name => "FHIR.code"
type().name => "Patient"
name.first().given.first().hasValue() => true
name.hasValue() => false
birthDate.getValue() => "1980-02-29"
managingOrganization.resolve().name => "Clinic"
'#o1'.resolve().id => "o1"
managingOrganization.resolve() is Organization => true
maritalStatus.memberOf('#vs') => true
gender.memberOf('#vs') => false
maritalStatus.memberOf('http://unknown') => !
conformsTo('http://hl7.org/fhir/StructureDefinition/Patient') => true
conformsTo('http://hl7.org/fhir/StructureDefinition/Person') => false
extension('http://example.org/n').value => 3
extension.url.count() => 2
checkModifiers().id => "maria"
name.given[1].pathname() => "Patient.name[0].given[1]"
maritalStatus.coding.code.pathname() => "Patient.maritalStatus.coding[0].code"
name[0] = name[0] => true
name[0] = name[1] => false
name ~ name => true
`)
}

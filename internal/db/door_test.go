package db_test

import (
	"errors"
	"testing"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"kindred/internal/clock"
	"kindred/internal/db"
	"kindred/internal/db/dbtest"
	"kindred/internal/fault"
	"kindred/internal/ident"
	"kindred/policies"
)

// representation and fact are the two personal tables of the core.
type representation struct {
	ID            string `gorm:"primaryKey"`
	ParticipantID string `gorm:"<-:create"`
	AccountID     string
	Relation      string
	StartsAt      time.Time
	EndsAt        *time.Time
	CreatedAt     time.Time
}

func (representation) TableName() string     { return "representations" }
func (representation) SubjectColumn() string { return "participant_id" }

type fact struct {
	ID            string `gorm:"primaryKey"`
	ParticipantID string `gorm:"<-:create"`
	Scope         string
	Document      string
	Version       int
	SignatureID   string
	FromSeq       int64
	FromAt        time.Time
	UntilSeq      *int64
	UntilAt       *time.Time
	LapsesAt      *time.Time
}

func (fact) TableName() string     { return "consent_facts" }
func (fact) SubjectColumn() string { return "participant_id" }

type counter struct {
	Name  string `gorm:"primaryKey"`
	Value int64
}

func (counter) TableName() string { return "counters" }
func (counter) NotPersonal()      {}

// smuggler is a row type that lies: it calls a personal table impersonal.
type smuggler struct {
	ID            string
	ParticipantID string
}

func (smuggler) TableName() string { return "representations" }
func (smuggler) NotPersonal()      {}

type world struct {
	*testing.T
	d     *db.DB
	a     *policies.Authority
	maria policies.Actor
	lucia ident.ParticipantID
	pavel policies.Actor
	ivan  ident.ParticipantID
}

// newWorld has Maria, who cares for Lucía, and Pavel, who cares for Ivan.
func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	roles := []policies.Role{policies.RoleParticipant}
	w := &world{
		T: t, d: d, a: dbtest.AuthorityAt(t, clock.Func(d.Now)),
		maria: policies.Actor{Account: ident.New[ident.AccountID](), Roles: roles}, lucia: ident.New[ident.ParticipantID](),
		pavel: policies.Actor{Account: ident.New[ident.AccountID](), Roles: roles}, ivan: ident.New[ident.ParticipantID](),
	}
	w.found(w.maria, w.lucia)
	w.found(w.pavel, w.ivan)
	return w
}

func (w *world) found(a policies.Actor, p ident.ParticipantID) {
	w.Helper()
	g := ask[policies.Write](w, policies.Request{Actor: a, Purpose: policies.PurposeOwn, Object: policies.ObjectRepresentation, Founding: p})
	w.do(func(tx *db.Tx) error {
		r := representation{ID: string(ident.New[ident.SignatureID]()), ParticipantID: string(p), AccountID: string(a.Account), Relation: "parent", StartsAt: tx.Now(), CreatedAt: tx.Now()}
		return db.Change[representation](tx, g).Create(&r).Error
	})
}

func ask[A policies.Action](w *world, r policies.Request) policies.Grant[A] {
	w.Helper()
	g, err := policies.Ask[A](w.Context(), w.a, r)
	if err != nil {
		w.Fatal(err)
	}
	return g
}

func (w *world) do(f func(tx *db.Tx) error) {
	w.Helper()
	if err := w.d.Do(w.Context(), f); err != nil {
		w.Fatal(err)
	}
}

func (w *world) own(a policies.Actor) policies.Request {
	return policies.Request{Actor: a, Purpose: policies.PurposeOwn, Object: policies.ObjectRepresentation}
}

func TestReadReachesOwnRowsAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		tries := map[string]func(q *gorm.DB) *gorm.DB{
			"plain":        func(q *gorm.DB) *gorm.DB { return q },
			"or":           func(q *gorm.DB) *gorm.DB { return q.Where("relation = ?", "x").Or("1 = 1") },
			"or first":     func(q *gorm.DB) *gorm.DB { return q.Or("1 = 1") },
			"or group":     func(q *gorm.DB) *gorm.DB { return q.Where("relation = 'x' OR relation = 'parent'") },
			"not":          func(q *gorm.DB) *gorm.DB { return q.Not("relation = ?", "x") },
			"unscoped":     func(q *gorm.DB) *gorm.DB { return q.Unscoped() },
			"ordered":      func(q *gorm.DB) *gorm.DB { return q.Order("participant_id DESC").Limit(10) },
			"prepared":     func(q *gorm.DB) *gorm.DB { return q.Session(&gorm.Session{PrepareStmt: false}) },
			"reused":       func(q *gorm.DB) *gorm.DB { var n int64; q = q.Where("1 = 1"); q.Count(&n); return q },
			"the other":    func(q *gorm.DB) *gorm.DB { return q.Where("participant_id <> ?", "x").Or("participant_id = ?", w.ivan) },
			"group having": func(q *gorm.DB) *gorm.DB { return q.Group("id").Having("1 = 1 OR 1 = 1") },
		}
		for name, try := range tries {
			g := ask[policies.Read](w, w.own(w.maria))
			var rows []representation
			w.do(func(tx *db.Tx) error { return try(db.Read[representation](tx, g)).Find(&rows).Error })
			if len(rows) != 1 || rows[0].ParticipantID != string(w.lucia) {
				t.Errorf("%s: %+v", name, rows)
			}
		}
		g := ask[policies.Read](w, policies.Request{Actor: w.maria, Purpose: policies.PurposeOwn, Object: policies.ObjectRepresentation, Subject: w.ivan})
		err := d.Do(t.Context(), func(tx *db.Tx) error { var r representation; return db.Read[representation](tx, g).First(&r).Error })
		if fault.KindOf(err) != fault.Missing || !errors.Is(err, gorm.ErrRecordNotFound) {
			t.Errorf("another's child: %v", err)
		}
	})
}

func TestEveryWayRoundTheDoorIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		var rows []representation
		var n int64
		public := db.Public[counter]
		guardedRead := func(tx *db.Tx) *gorm.DB { return db.Read[representation](tx, ask[policies.Read](w, w.own(w.maria))) }
		guarded := func(tx *db.Tx) *gorm.DB { return db.Change[representation](tx, ask[policies.Write](w, w.own(w.maria))) }
		fresh := func(q *gorm.DB) *gorm.DB { return q.Session(&gorm.Session{NewDB: true}) }
		ways := map[string]func(tx *db.Tx) error{
			"raw":         func(tx *db.Tx) error { return public(tx).Raw("SELECT * FROM representations").Scan(&rows).Error },
			"raw quoted":  func(tx *db.Tx) error { return public(tx).Raw(`SELECT * FROM "Representations"`).Scan(&rows).Error },
			"raw schema":  func(tx *db.Tx) error { return public(tx).Raw("SELECT * FROM public.representations").Scan(&rows).Error },
			"raw comment": func(tx *db.Tx) error { return public(tx).Raw("SELECT * FROM/**/representations").Scan(&rows).Error },
			"raw rows":    func(tx *db.Tx) error { return rowsOf(public(tx).Raw("SELECT * FROM representations")) },
			"raw row": func(tx *db.Tx) error {
				var s string
				return public(tx).Raw("SELECT id FROM representations").Row().Scan(&s)
			},
			"raw on guarded":     func(tx *db.Tx) error { return guardedRead(tx).Raw("SELECT * FROM representations").Scan(&rows).Error },
			"exec":               func(tx *db.Tx) error { return public(tx).Exec("DELETE FROM representations").Error },
			"exec guarded":       func(tx *db.Tx) error { return guarded(tx).Exec("DELETE FROM representations").Error },
			"table":              func(tx *db.Tx) error { return public(tx).Table("representations").Find(&rows).Error },
			"new session":        func(tx *db.Tx) error { return fresh(guardedRead(tx)).Find(&rows).Error },
			"new session delete": func(tx *db.Tx) error { return fresh(guarded(tx)).Where("1 = 1").Delete(&representation{}).Error },
			"prepared": func(tx *db.Tx) error {
				return fresh(public(tx)).Session(&gorm.Session{PrepareStmt: true}).Find(&rows).Error
			},
			"join":              func(tx *db.Tx) error { return public(tx).Joins("JOIN representations r ON 1 = 1").Count(&n).Error },
			"join from guarded": func(tx *db.Tx) error { return guardedRead(tx).Joins("JOIN consent_facts f ON 1 = 1").Find(&rows).Error },
			"self join": func(tx *db.Tx) error {
				return guardedRead(tx).Joins("JOIN representations o ON 1 = 1").Select("o.*").Find(&rows).Error
			},
			"sub-query": func(tx *db.Tx) error {
				return guardedRead(tx).Where("id IN (SELECT id FROM representations)").Find(&rows).Error
			},
			"sub-query other": func(tx *db.Tx) error {
				return guardedRead(tx).Where("1 = (SELECT COUNT(*) FROM consent_facts)").Find(&rows).Error
			},
			"sub-query built": func(tx *db.Tx) error {
				return public(tx).Where("name IN (?)", fresh(guardedRead(tx)).Model(&representation{}).Select("id")).Count(&n).Error
			},
			"select": func(tx *db.Tx) error {
				return guardedRead(tx).Select("(SELECT COUNT(*) FROM representations x)").Find(&rows).Error
			},
			"union": func(tx *db.Tx) error {
				return guardedRead(tx).Where("1 = 1) UNION SELECT * FROM representations WHERE (1 = 1").Find(&rows).Error
			},
			"closing bracket": func(tx *db.Tx) error { return guardedRead(tx).Where("1 = 1) OR (1 = 1").Find(&rows).Error },
			"comment":         func(tx *db.Tx) error { return guardedRead(tx).Where("1 = 1 --").Find(&rows).Error },
			"second statement": func(tx *db.Tx) error {
				return guardedRead(tx).Where("1 = 1); DELETE FROM counters; SELECT (1").Find(&rows).Error
			},
			"order": func(tx *db.Tx) error {
				return guardedRead(tx).Order("(SELECT 1 FROM representations z)").Find(&rows).Error
			},
			"other table": func(tx *db.Tx) error { return guardedRead(tx).Table("consent_facts").Find(&rows).Error },
			"other model": func(tx *db.Tx) error { return guardedRead(tx).Model(&fact{}).Find(&[]fact{}).Error },
			"first or create": func(tx *db.Tx) error {
				r := w.row(tx, w.ivan)
				return guarded(tx).Where("id = 'x'").FirstOrCreate(&r).Error
			},
			"insert for another": func(tx *db.Tx) error { r := w.row(tx, w.ivan); return guarded(tx).Create(&r).Error },
			"insert a mix": func(tx *db.Tx) error {
				r := []representation{w.row(tx, w.lucia), w.row(tx, w.ivan)}
				return guarded(tx).Create(&r).Error
			},
			"insert nobody": func(tx *db.Tx) error { r := w.row(tx, ""); return guarded(tx).Create(&r).Error },
			"insert by map": func(tx *db.Tx) error {
				return guarded(tx).Create(map[string]any{"id": "x", "participant_id": string(w.ivan)}).Error
			},
			"insert reading": func(tx *db.Tx) error { r := w.row(tx, w.lucia); return guardedRead(tx).Create(&r).Error },
			"upsert": func(tx *db.Tx) error {
				r := w.row(tx, w.lucia)
				return guarded(tx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&r).Error
			},
			"save": func(tx *db.Tx) error { r := w.row(tx, w.lucia); return guarded(tx).Save(&r).Error },
			"update by raw where": func(tx *db.Tx) error {
				return guarded(tx).Where("1 = 1) OR (1 = 1").Updates(map[string]any{"relation": "x"}).Error
			},
			"update all": func(tx *db.Tx) error { return guarded(tx).Updates(map[string]any{"relation": "x"}).Error },
			"delete all": func(tx *db.Tx) error { return guarded(tx).Delete(&representation{}).Error },
			"smuggler":   func(tx *db.Tx) error { return db.Public[smuggler](tx).Find(&[]smuggler{}).Error },
			"pool": func(tx *db.Tx) error {
				_, err := public(tx).Statement.ConnPool.ExecContext(tx.Context(), "DELETE FROM representations")
				return err
			},
			"zero grant": func(tx *db.Tx) error {
				return db.Read[representation](tx, policies.Grant[policies.Read]{}).Find(&rows).Error
			},
		}
		for name, way := range ways {
			err := d.Do(t.Context(), way)
			if err == nil {
				t.Errorf("%s went through", name)
			}
			if len(rows) > 0 {
				t.Errorf("%s gave %+v", name, rows)
			}
			rows = nil
		}
		w.untouched()
	})
}

// rowsOf opens and closes a query's rows.
func rowsOf(q *gorm.DB) error {
	r, err := q.Rows()
	if err != nil {
		return err
	}
	defer r.Close()
	for r.Next() { //nolint:revive // only the error matters
	}
	return r.Err()
}

func (w *world) row(tx *db.Tx, p ident.ParticipantID) representation {
	return representation{ID: string(ident.New[ident.SignatureID]()), ParticipantID: string(p), AccountID: string(w.maria.Account), Relation: "parent", StartsAt: tx.Now(), CreatedAt: tx.Now()}
}

// untouched checks that each caregiver still has the one row they had.
func (w *world) untouched() {
	w.Helper()
	for _, who := range []struct {
		actor policies.Actor
		child ident.ParticipantID
	}{{w.maria, w.lucia}, {w.pavel, w.ivan}} {
		g := ask[policies.Read](w, w.own(who.actor))
		var rows []representation
		w.do(func(tx *db.Tx) error { return db.Read[representation](tx, g).Find(&rows).Error })
		if len(rows) != 1 || rows[0].ParticipantID != string(who.child) || rows[0].Relation != "parent" {
			w.Errorf("rows changed: %+v", rows)
		}
	}
}

func TestChangesStayWithinTheGrant(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		changes := map[string]func(q *gorm.DB) *gorm.DB{
			"or": func(q *gorm.DB) *gorm.DB {
				return q.Where("relation = 'x'").Or("1 = 1").Updates(map[string]any{"relation": "guardian"})
			},
			"all":     func(q *gorm.DB) *gorm.DB { return q.Where("1 = 1").Update("relation", "guardian") },
			"columns": func(q *gorm.DB) *gorm.DB { return q.Where("1 = 1").UpdateColumn("relation", "guardian") },
			"struct":  func(q *gorm.DB) *gorm.DB { return q.Where("1 = 1").Updates(representation{Relation: "guardian"}) },
			"subject": func(q *gorm.DB) *gorm.DB {
				return q.Where("1 = 1").Updates(map[string]any{"relation": "guardian", "participant_id": string(w.ivan)})
			},
			"other id": func(q *gorm.DB) *gorm.DB { return q.Where("participant_id = ?", w.ivan).Update("relation", "guardian") },
		}
		for name, change := range changes {
			err := d.Do(t.Context(), func(tx *db.Tx) error {
				r := change(db.Change[representation](tx, ask[policies.Write](w, w.own(w.maria))))
				if r.Error == nil && name != "other id" && r.RowsAffected != 1 || name == "other id" && r.RowsAffected != 0 {
					t.Errorf("%s: %d rows", name, r.RowsAffected)
				}
				var back []representation
				if err := db.Read[representation](tx, ask[policies.Read](w, w.own(w.pavel))).Find(&back).Error; err != nil {
					return err
				}
				if len(back) != 1 || back[0].Relation != "parent" {
					t.Errorf("%s reached another: %+v", name, back)
				}
				return errRollback
			})
			if !errors.Is(err, errRollback) {
				t.Errorf("%s: %v", name, err)
			}
		}
		w.untouched()
		w.do(func(tx *db.Tx) error {
			r := db.Change[representation](tx, ask[policies.Write](w, w.own(w.maria))).Where("1 = 1").Delete(&representation{})
			if r.RowsAffected != 1 {
				t.Errorf("deleted %d", r.RowsAffected)
			}
			return r.Error
		})
	})
}

var errRollback = errors.New("roll back")

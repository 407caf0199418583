// Package demo makes a synthetic population: realistic, of any size, the same for the same seed, and about nobody.
//
// Invariants:
//  1. Household n of seed s is the same whatever the size of the population.
//  2. A person's symptoms match their diagnosis, their dates their age, and their answers the form.
//  3. It writes into a data folder made for demonstration alone.
package demo

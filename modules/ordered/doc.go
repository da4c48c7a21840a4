// Package ordered reads and writes JSON (RFC 8259) whose keys keep their
// order. A registry hands out what publishers wrote, so it keeps fields that
// it does not know, and it tells a publisher on which line a mistake stands;
// encoding/json does neither.
//
// [Parse] reads a whole text into a tree of values that know their place;
// [ParseObject] reads only the top level of an object and leaves the rest as
// bytes, which is what documents of thousands of versions are built from.
//
// The reader is stricter than RFC 8259 where clients in other languages would
// fail on what was let through: text that is not UTF-8, half surrogate pairs,
// NUL characters, numbers that no float64 holds and duplicate keys are
// refused.
package ordered

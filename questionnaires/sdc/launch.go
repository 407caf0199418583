package sdc

import "slices"

// Launches are the names of the launch contexts that the form wants to know (SDC, launchContext), in order.
func (f *Form) Launches() []string {
	names := make([]string, 0, len(f.launch))
	for name := range f.launch {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

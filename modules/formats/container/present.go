package container

import "ingot.dev/modules/format"

// Present implements format.Presented.
func (c *Container) Present(v format.View) format.Presentation {
	var r record
	if v.Version != nil {
		r = readRecord(v.Version.Metadata)
	}
	p := format.Presentation{Tasks: tasks(v, &r)}
	if v.Version == nil {
		return p
	}
	r.tell(&p)
	p.Facts = facts(v.Version, &r)
	p.Sections = []format.Section{
		platforms(&r), layers(&r), table("labels", format.Text{En: "Labels", Ru: "Метки"}, r.Labels),
		table("annotations", format.Text{En: "Annotations", Ru: "Аннотации"}, r.Annotations),
	}
	return p
}

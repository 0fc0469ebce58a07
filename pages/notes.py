"""The speaker's notes of a talk that is given in another window or on another device."""

from dashboard.present.speaker_notes import notes_panel

notes_panel()

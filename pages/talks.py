"""Walkthroughs to present: our own, and the one that the reader makes."""

from dashboard.present import own_panel, talks_panel

talks_panel.talks()
own_panel.own_walkthrough()

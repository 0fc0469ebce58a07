"""The measurements behind the claims, one file per source of evidence."""

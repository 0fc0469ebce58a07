"""The page Scorecard, written for an engineer who has to decide whether the student can replace the teacher."""

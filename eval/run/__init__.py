"""Running a suite: plan, workers, journal, log."""

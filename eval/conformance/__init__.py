"""What every plug-in of the evaluation must hold to; third parties run it on theirs."""

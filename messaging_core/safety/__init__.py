"""What keeps people from harassing each other: screening of words; limits, reports and sanctions are to come."""

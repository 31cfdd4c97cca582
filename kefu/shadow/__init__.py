"""`kefu shadow`: a version in the shadow of the live one, over what customers really say; nobody is answered."""

"""The pages: static ES modules without a build step, and the script that takes their pictures."""

"""The benchmark: goblin's figures beside floors measured in the same run."""

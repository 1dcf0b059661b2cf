"""The measurements that anyone can repeat: numbers in the README come from here."""

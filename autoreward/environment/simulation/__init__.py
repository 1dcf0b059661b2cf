"""N simulations of one model behind one seam: in C on the CPU, and as MJX programs; and what differs between them."""

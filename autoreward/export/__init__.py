"""What a run gives away: files that work without autoreward, their provenance, pictures, the final table.

An export is a folder: `reward.py` (numpy), `wrapper.py` or `env.py` with `pack.py` (gymnasium), `policy.py` with
`policy.npz` (numpy), `policy.onnx` where that package is installed, and `PROVENANCE.json`.
"""

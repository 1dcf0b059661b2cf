"""SAC, TD3 and DQN of stable-baselines3, behind the same seam as population PPO: jobs in, results and recordings out.

training.py     a job: learners are started, watched and measured, in the trainer's process
learners.py     the processes of the learners: deadlines, who failed, what they tell each other
worker.py       one such process: one member, no key, no candidate's Python
learner.py      how a member learns: a chunk of steps, its rewards in one batch, then updates from the buffer
models.py       the model of stable-baselines3, and its policy as plain arrays
experience.py   the buffer: raw transitions, normalised when they are drawn
checkpoints.py  where a learner stands, as plain arrays in one file

Rewards are functions of stored transitions. So they are paid chunk by chunk, outside the step loop; and with
`share_experience` the steps of the other members of a seed are paid under this member's reward and learned from too.

Source: Haarnoja et al. 2018, arXiv:1812.05905; Fujimoto et al. 2018, arXiv:1802.09477; Mnih et al. 2015; sharing as in
LaRes (a buffer that is relabelled under each reward).
"""

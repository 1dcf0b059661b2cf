Here is the reward function you asked for. It pays the robot for moving its action.

"""What may be said of an attachment before anybody opens it: its signs, and what the desk's policy makes of them.

policy    the signs, the limits, and the ruling that follows from them
reading   a policy file becomes a policy
names     what a file's name says
inspect   what a file's bytes say, and those of the files in it, under bounds
"""

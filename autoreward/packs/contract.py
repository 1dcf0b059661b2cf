"""stub"""
PackReport = None
check_pack = None

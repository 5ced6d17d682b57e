"""The endings of file names that SES sends for nobody ("Amazon SES unsupported attachment types", developer guide)."""

_LISTED = """
    ade adp app asp bas bat cer chm cmd com cpl crt csh der exe fxp gadget hlp hta inf ins isp its js jse ksh lib lnk
    mad maf mag mam maq mar mas mat mau mav maw mda mdb mde mdt mdw mdz msc msh msh1 msh2 mshxml msh1xml msh2xml msi msp
    mst ops pcd pif plg prf prg ps1 ps1xml ps2 ps2xml psc1 psc2 reg scf scr sct shb shs sys tmp url vb vbe vbs vps
    vsmacros vss vst vsw vxd ws wsc wsf wsh xnk
"""
UNSUPPORTED = frozenset(_LISTED.split())


def unsupported(name: str) -> bool:
    """Whether SES refuses a mail with a file of this name. Only its end counts, whatever the file is."""
    return name.rpartition(".")[2].lower() in UNSUPPORTED and "." in name

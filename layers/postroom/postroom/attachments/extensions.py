"""File name extensions, by what opening such a file does. Lower case, without the dot."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: What Windows, macOS, a Linux desktop or an office program runs when it is opened.
PROGRAMS = _words("""
    exe com scr pif cpl msi msp mst msix msixbundle appx appxbundle application appref-ms settingcontent-ms diagcab
    bat cmd ps1 ps2 psm1 psd1 psc1 ps1xml ps2xml msh msh1 msh2 vb vbe vbs vbscript js jse ws wsf wsc wsh hta sct reg inf
    dll ocx sys drv jar jnlp class apk app command workflow action scpt scptd osx pkg mpkg run elf desktop deb rpm
    gadget xll wll xla xlam ppam chm hlp msc iqy slk rdp ade adp mdb mde accde theme themepack deskthemepack crx xpi
    py pyc pyw pyz pyzw rb pl sh bash csh ksh zsh fish
""")
#: What points at something else, and opens or runs it.
SHORTCUTS = _words("lnk url website webloc inetloc fileloc scf library-ms search-ms searchconnector-ms")
DISK_IMAGES = _words("iso img udf nrg mdf vhd vhdx vmdk wim dmg")
#: Archives, and stores of mails, that are known here and can't be read.
SEALED = _words("7z rar cab ace arj lzh lha zoo arc alz egg zst zstd lz lz4 z pea sit sitx xar pst ost")
#: What people take for a document: before another extension it is there to deceive.
FAMILIAR = _words("""
    pdf doc docx odt rtf xls xlsx ods csv ppt pptx odp txt jpg jpeg png gif bmp tif tiff webp heic
    mp3 mp4 mov avi wav zip eml html htm
""")
PAGES = _words("html htm xhtml xht shtml mht mhtml")
ZIPS = _words("""
    zip zipx docx docm dotx dotm xlsx xlsm xltx xltm xlsb pptx pptm potx potm ppsx ppsm odt ods odp odg ott ots epub
""")
OFFICE = _words("doc dot xls xlt ppt pot pps msg pub vsd mpp")
#: Plain text, and what is signed or sealed by a mail program.
TEXTS = _words("txt text csv tsv log md json ics vcf asc sig p7s p7m eml diff patch yaml yml ini conf toml dat")

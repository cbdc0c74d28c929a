# cmake -Dfrom=FILE -Dtemplate=FILE.in -Dto=FILE.cpp -P EmbedFile.cmake: the file's bytes as a C++ array in the template.
file(READ ${from} hex HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
configure_file(${template} ${to} @ONLY)

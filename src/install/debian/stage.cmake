# Run by CPack between the installation into a temporary folder and the packing: brings what lies there into Debian's layout, and adds
# what only a package has (changelog, copyright, lintian's overrides, the zip for QGIS). Every time that ends up in the packages
# is that of SOURCE_DATE_EPOCH: the caller's, else the last commit's, else that of CHANGELOG.md (of a source archive).
set(source ${CPACK_CLV_SOURCE})
if("$ENV{SOURCE_DATE_EPOCH}" STREQUAL "")
  execute_process(COMMAND git -C ${source} log -1 --format=%ct OUTPUT_VARIABLE epoch OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT epoch MATCHES "^[0-9]+$")
    file(TIMESTAMP ${source}/CHANGELOG.md epoch "%s" UTC)
  endif()
  set(ENV{SOURCE_DATE_EPOCH} ${epoch})
endif()

# run(COMMAND...): stops with the command's words when it fails.
function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE failed OUTPUT_VARIABLE words ERROR_VARIABLE words)
  if(NOT failed EQUAL 0)
    message(FATAL_ERROR "${ARGV}: ${words}")
  endif()
endfunction()

# write_text(FILE TEXT), compress(FILE): files with the rights of data, whatever the umask is.
set(data_rights OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
function(write_text file text)
  file(WRITE ${file} "${text}")
  file(CHMOD ${file} PERMISSIONS ${data_rights})
endfunction()
function(compress file)
  run(gzip -9nf ${file})
  file(CHMOD ${file}.gz PERMISSIONS ${data_rights})
endfunction()

set(top ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC) # of SOURCE_DATE_EPOCH
foreach(component program development)
  string(TOUPPER ${component} upper)
  set(name ${CPACK_DEBIAN_${upper}_PACKAGE_NAME})
  set(root ${top}/${component}/usr)
  if(NOT IS_DIRECTORY ${root})
    message(FATAL_ERROR "nothing was installed in ${root}")
  endif()
  set(doc ${root}/share/doc/${name})
  file(READ ${source}/src/install/debian/copyright text)
  write_text(${doc}/copyright "${text}")
  file(READ ${source}/CHANGELOG.md text)
  write_text(${doc}/changelog "${text}")
  compress(${doc}/changelog)
  write_text(${doc}/changelog.Debian "clearvision (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium

  * Built from the project's own source; changelog.gz says what changed.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
  compress(${doc}/changelog.Debian)
  if(EXISTS ${source}/src/install/debian/${name}.lintian-overrides)
    file(READ ${source}/src/install/debian/${name}.lintian-overrides text)
    write_text(${root}/share/lintian/overrides/${name} "${text}")
  endif()
endforeach()

set(root ${top}/program/usr)
file(GLOB pages ${root}/share/man/man*/*.[17])
foreach(page ${pages})
  compress(${page})
endforeach()
run(${CPACK_CLV_PYTHON} ${source}/src/qgis/package.py ${root}/share/clearvision/clearvision_qgis.zip --version ${CPACK_PACKAGE_VERSION})
file(CHMOD ${root}/share/clearvision/clearvision_qgis.zip PERMISSIONS ${data_rights})

# Debian's GDAL looks for plug-ins in one folder, whatever prefix this build was made for.
set(wanted ${root}/lib/${CPACK_CLV_MULTIARCH}/gdalplugins)
file(GLOB_RECURSE plugin ${root}/gdal_CLEARVISION.so)
get_filename_component(found "${plugin}" DIRECTORY)
if(plugin AND NOT found STREQUAL wanted)
  file(MAKE_DIRECTORY ${wanted})
  file(RENAME ${plugin} ${wanted}/gdal_CLEARVISION.so)
  file(REMOVE_RECURSE ${found})
endif()
# Libraries and modules are data to Debian: nobody starts them.
file(GLOB_RECURSE libraries ${root}/lib/*.so ${root}/lib/*.so.*)
foreach(library ${libraries})
  if(NOT IS_SYMLINK ${library})
    file(CHMOD ${library} PERMISSIONS ${data_rights})
  endif()
endforeach()

# The folder where compilers for this processor look, others' too.
file(GLOB_RECURSE pc ${top}/development/usr/lib/*.pc)
file(READ ${pc} text)
string(REGEX REPLACE "^prefix=[^\n]*" "prefix=/usr" text "${text}")
file(REMOVE_RECURSE ${top}/development/usr/lib/pkgconfig)
write_text(${top}/development/usr/lib/${CPACK_CLV_MULTIARCH}/pkgconfig/clearvision.pc "${text}")

# Whatever the umask is.
file(GLOB_RECURSE found LIST_DIRECTORIES true ${top}/*/usr/*)
foreach(path ${top}/program/usr ${top}/development/usr ${found})
  if(IS_DIRECTORY ${path} AND NOT IS_SYMLINK ${path})
    file(CHMOD ${path} DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
  endif()
endforeach()

# rollproof_mutants(rollproof-drill harness/drill) builds <build>/mutants/mutant.<name> for every harness/mutant/<name>.mutant: the
# program once more, with the edited copies of the named sources in place of the originals. Their objects stand before the static
# libraries on the link line and define all that the original member defines, so the linker never takes that one; if it did, every symbol
# would be there twice and the link would fail. REQUIRES: the program was declared before with rollproof_program.
option(ROLLPROOF_MUTANTS "build the mutants, which the harness has to catch" ON)

function(rollproof_mutants program folder)
  set(out ${PROJECT_BINARY_DIR}/mutants)
  file(GLOB mutants CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/harness/mutant/*.mutant)
  # A mutant that is no more must not be run again.
  file(GLOB old ${out}/*.mutant)
  foreach(file ${old})
    get_filename_component(name ${file} NAME_WLE)
    if(NOT EXISTS ${PROJECT_SOURCE_DIR}/harness/mutant/${name}.mutant)
      file(REMOVE ${file} ${out}/mutant.${name})
    endif()
  endforeach()
  if(NOT ROLLPROOF_MUTANTS OR ROLLPROOF_SANITIZE OR ROLLPROOF_FUZZ)
    return()
  endif()
  rollproof_target_name(${folder} room)
  set(edit ${PROJECT_SOURCE_DIR}/harness/mutant/edit.py)
  # The program's own entry is compiled once for all of them.
  add_library(rollproof_mutant_main OBJECT ${PROJECT_SOURCE_DIR}/${folder}/main.cc)
  target_link_libraries(rollproof_mutant_main PRIVATE ${room})
  target_compile_definitions(rollproof_mutant_main PRIVATE ROLLPROOF_VERSION="${PROJECT_VERSION}")
  add_custom_target(mutants)
  foreach(file ${mutants})
    get_filename_component(name ${file} NAME_WLE)
    configure_file(${file} ${out}/${name}.mutant COPYONLY)
    file(STRINGS ${file} lines REGEX "^file: ")
    set(sources)
    set(copies)
    foreach(line ${lines})
      string(REGEX REPLACE "^file: *" "" source ${line})
      list(APPEND sources ${PROJECT_SOURCE_DIR}/${source})
      list(APPEND copies ${out}/source/${name}/${source})
    endforeach()
    add_custom_command(OUTPUT ${copies} COMMAND python3 ${edit} ${file} ${PROJECT_SOURCE_DIR} ${out}/source/${name}
      DEPENDS ${file} ${edit} ${sources} VERBATIM COMMENT "mutant ${name}")
    add_executable(mutant.${name} EXCLUDE_FROM_ALL ${copies} $<TARGET_OBJECTS:rollproof_mutant_main>)
    target_link_libraries(mutant.${name} PRIVATE ${room})
    # Nobody debugs two dozen copies: they are small, and quick to make.
    target_compile_options(mutant.${name} PRIVATE -O1 -g0)
    target_link_options(mutant.${name} PRIVATE -s)
    set_target_properties(mutant.${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${out} ENABLE_EXPORTS ON)
    add_dependencies(mutants mutant.${name})
  endforeach()
  # A drill without its must-fail control has not enough evidence, so whoever builds the program builds them.
  add_dependencies(${program} mutants)
endfunction()

/* A library that says when it is constructed and destroyed, and has a function and a variable. NAME, VALUE. */
#include "object.h"

CONSTRUCTOR constructed(void) { SAY(NAME ": constructed"); }
DESTRUCTOR destroyed(void) { SAY(NAME ": destroyed"); }

int answer_data = VALUE;
int answer(void) { return answer_data; }
void speak(void) { SAY(NAME ": speaks"); }
#ifdef UNIQUE
__asm__(".globl unique_data\n.type unique_data, @gnu_unique_object\n.size unique_data, 4\n"
        ".pushsection .data\nunique_data: .long 5\n.popsection");
#endif

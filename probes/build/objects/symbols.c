/* A library whose symbols are numbers: `nothing` is 0, `number` is 0x1234 wherever the library is loaded. */
__asm__(".globl nothing\nnothing = 0\n.globl number\nnumber = 0x1234\n");
int something = 1;

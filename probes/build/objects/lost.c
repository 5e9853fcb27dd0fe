/* What `a.so` looked like to the linker before it lost these two; never loaded. */
void nobody_has_this(void) {}
int nobody_has_this_data = 1;

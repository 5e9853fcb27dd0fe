/* A library that says nothing: `provided`, a function and a variable that others want. */
int provided_data = 7;
int provided(void) { return provided_data; }

/** Methods and lambdas as tools, and the loop that runs them for the model. */
@NullMarked
package dev.kimi.tool;

import org.jspecify.annotations.NullMarked;

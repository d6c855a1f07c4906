/** The page's back end. */
@NullMarked
package dev.kimi.samples.quickstart.web;

import org.jspecify.annotations.NullMarked;

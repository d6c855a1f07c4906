/** An application that talks to Kimi: see {@link dev.kimi.samples.quickstart.QuickstartApplication}. */
@NullMarked
package dev.kimi.samples.quickstart;

import org.jspecify.annotations.NullMarked;

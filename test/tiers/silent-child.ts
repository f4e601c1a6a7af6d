/** A child that lives and never says anything. */
setInterval(() => {}, 1000)

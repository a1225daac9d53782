throw new Error('usocket is left out on purpose: see vendor/no-usocket/package.json');
